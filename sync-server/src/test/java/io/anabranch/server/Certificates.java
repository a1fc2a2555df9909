// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** Makes certificates that vouch for themselves, with the tool that comes with Java. */
public final class Certificates {
    private static final char[] PASSWORD = "secret".toCharArray();

    private Certificates() {}

    /** Writes {@code NAME.cert.pem} and {@code NAME.key.pem}, good for this machine. */
    public static void make(Path folder, String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "relay",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .inheritIO()
                .start();
        if (keytool.waitFor() != 0) {
            throw new AssertionError("keytool failed");
        }
        write(folder, name, KeyStore.getInstance(store.toFile(), PASSWORD));
    }

    private static void write(Path folder, String name, KeyStore keys) throws IOException, GeneralSecurityException {
        Files.writeString(
                certificate(folder, name),
                pem("CERTIFICATE", keys.getCertificate("relay").getEncoded()));
        Files.writeString(
                key(folder, name),
                pem("PRIVATE KEY", keys.getKey("relay", PASSWORD).getEncoded()));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what + "-----\n";
    }

    public static Path certificate(Path folder, String name) {
        return folder.resolve(name + ".cert.pem");
    }

    public static Path key(Path folder, String name) {
        return folder.resolve(name + ".key.pem");
    }
}
