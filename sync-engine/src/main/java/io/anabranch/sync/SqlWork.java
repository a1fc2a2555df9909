// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

/** What an application does in one transaction. Throwing rolls it back. */
@FunctionalInterface
public interface SqlWork {
    void run(SqlSession sql);
}
