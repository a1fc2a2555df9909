// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.story;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Topology;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A short story that plays in a lab of its own, step by step. Immutable.
 *
 * @param number counts from 1
 * @param title what it is called on its button
 * @param replicas how many the lab begins with
 */
public record Story(int number, String title, int replicas, Topology topology, List<Step> steps) {
    public Story {
        steps = List.copyOf(steps);
    }

    /**
     * One step.
     *
     * @param caption what happens, for those who watch
     * @param act what is done to the lab
     * @param until what must have come true before the next step
     * @param inbox whether the inboxes are what to look at, rather than the boards
     */
    public record Step(String caption, Consumer<Lab> act, Predicate<Lab> until, boolean inbox) {}
}
