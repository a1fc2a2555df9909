// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import org.jspecify.annotations.Nullable;

/** A relay that cannot start. The message says what failed, why, and what to do. */
public final class ServerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
