// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.server.access.TokenStore;
import java.util.List;

/** What is held, seen from outside: which spaces, whether anything moved, and who may do what. Thread-safe. */
public interface Holdings extends AutoCloseable {
    /** Returns a number that is another one after anybody, this process or another, put something into the store. Cheap. */
    long version();

    /** Returns the names of all spaces, in order. */
    List<String> spaceNames();

    /** Returns who may do what. */
    TokenStore tokens();

    @Override
    void close();
}
