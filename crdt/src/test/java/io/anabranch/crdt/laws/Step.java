// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

/** One step of a random history over three replicas. Numbers are taken modulo what there is, so all of them can run. */
sealed interface Step {
    /** A replica edits. */
    record Edit(int replica, int action) implements Step {}

    /** A replica merges the whole state of another. */
    record Pull(int replica, int from) implements Step {}

    /** The delta of an earlier edit, and those of the same origin before it, reach a replica, perhaps again. */
    record Deliver(int event, int replica) implements Step {}
}
