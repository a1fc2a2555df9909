// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import org.jspecify.annotations.Nullable;

/** A relay's file that cannot be used. The message says what failed, why, and what to do. */
public final class RelayStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RelayStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
