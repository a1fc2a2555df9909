// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.List;

/**
 * A row that shows and fails a CHECK of its table, because two writes that were each legal merged. It stays listed until a
 * write mends it. Immutable.
 *
 * @param reason what SQLite says of it
 */
public record Violation(String table, List<Value> key, String reason) {
    public Violation {
        key = List.copyOf(key);
    }
}
