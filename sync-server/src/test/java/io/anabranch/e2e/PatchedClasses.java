// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** This project's classes anew, some of them patched; all others are those of the tests. */
final class PatchedClasses extends ClassLoader {
    private static final String OURS = "io.anabranch.";

    private final List<Patch> patches;

    PatchedClasses(List<Patch> patches) {
        super(PatchedClasses.class.getClassLoader());
        this.patches = patches;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = file.readAllBytes();
            for (Patch patch : patches) {
                bytes = patch.className().equals(name) ? patch.apply(bytes) : bytes;
            }
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
