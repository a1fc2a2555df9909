// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.sync.change.Hex;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rule {@code rename} without a name: a text shows with the row's key behind it in brackets, {@code ann (r2)}. The key tells the
 * row from all others, so no two rivals get one name.
 */
final class KeyBehind {
    private KeyBehind() {}

    /** Returns the name; null for numbers and blobs, which cannot take one, and for keys that print differently elsewhere. */
    static @Nullable Value rename(Value value, List<Value> key) {
        if (!(value instanceof Value.Text)) {
            return null;
        }
        List<String> parts = new ArrayList<>();
        for (Value part : key) {
            if (part instanceof Value.Blob blob) {
                parts.add(Hex.of(blob.bytes()));
            } else if (part instanceof Value.Real) {
                return null; // How many digits Java prints has changed between its versions.
            } else {
                parts.add(part.toString());
            }
        }
        return Value.of(value + " (" + String.join(", ", parts) + ")");
    }
}
