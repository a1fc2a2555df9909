// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a token; its secret is not. Immutable.
 *
 * @param id names it, in lists and for {@code token revoke}; no secret
 * @param space the only space it is good for
 * @param name what its maker called it; may be empty
 * @param family the id of the first of a line of tokens that renew each other. An origin that a request claims as its own
 *     belongs to the family that claimed it first
 * @param revoked when it ended; null while it is good
 */
public record AccessToken(
        String id,
        String space,
        Set<Right> rights,
        String name,
        String family,
        Instant created,
        @Nullable Instant revoked) {
    public AccessToken {
        rights = Collections.unmodifiableSet(EnumSet.copyOf(rights));
    }

    public boolean allows(Right right) {
        return rights.contains(right);
    }
}
