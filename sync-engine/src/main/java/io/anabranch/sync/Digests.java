// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Digests over the state of live rows, values included, in hexadecimal: equal on replicas that have settled.
 *
 * @param tables by the table's name
 * @param total over all of them
 * @param unsealed row changes that are captured and in no change set; while there are any, another replica's differ
 */
public record Digests(SortedMap<String, String> tables, String total, long unsealed) {
    public Digests {
        tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    }
}
