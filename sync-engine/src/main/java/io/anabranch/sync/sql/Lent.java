// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

/** The platform's own connection, lent for one transaction; of no use once this is closed. Confined to one thread. */
public interface Lent<T> extends AutoCloseable {
    T connection();

    @Override
    void close();
}
