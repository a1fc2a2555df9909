// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

/** A listener that is told until this is closed. What is under way may still reach it. Thread-safe. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
