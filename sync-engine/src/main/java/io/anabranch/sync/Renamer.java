// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what a row shows in a column of a unique key while an older row holds the value that was written there; see
 * {@link TableRules#rename}. What it says is derived wherever it is shown, and never written back: once the older row gives
 * the value up, the younger one shows it.
 *
 * <p>It must be a pure function of its arguments, or replicas differ: no clock, no random numbers, nothing that it remembers.
 * Names made from the key collide with nobody else's; where one does all the same, the row is hidden.
 */
@FunctionalInterface
public interface Renamer {
    /**
     * Returns the other value, or null to have the row hidden.
     *
     * @param value what was written; never NULL, which nobody else can hold
     * @param key of the row, in the order of the primary key
     */
    @Nullable
    Value rename(Value value, List<Value> key);
}
