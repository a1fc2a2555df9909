// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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

    /** Returns what programs are told of it, by the names of the members, in the order in which they are written. */
    public Map<String, @Nullable Object> document() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("id", id);
        document.put("space", space);
        document.put("rights", rights.stream().map(Right::word).collect(Collectors.toList()));
        document.put("name", name);
        document.put("family", family);
        document.put("created", created.toString());
        document.put("revoked", revoked == null ? null : revoked.toString());
        return document;
    }
}
