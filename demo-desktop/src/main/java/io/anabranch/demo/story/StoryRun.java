// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.story;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.ReplicaDown;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Plays a story in a lab. Blocks; confined to one thread, which is not the window's. */
public final class StoryRun {
    private static final long LOOK_EVERY_MILLIS = 40;

    private final Story story;
    private final Lab lab;
    private int next;

    /** @param lab as the story begins it; see {@link #begin} */
    public StoryRun(Story story, Lab lab) {
        this.story = story;
        this.lab = lab;
    }

    /** Opens a lab as the story wants it. */
    public static Lab begin(Story story) {
        Lab lab = Lab.temporary();
        lab.begin(story.replicas(), story.topology());
        return lab;
    }

    public boolean hasNext() {
        return next < story.steps().size();
    }

    /** Returns the step that comes next. */
    public Story.Step peek() {
        return story.steps().get(next);
    }

    /**
     * Plays the next step, and waits until what it is about has come true.
     *
     * @return false if it was cancelled, or did not come true within {@code patience}
     */
    public boolean play(Duration patience, BooleanSupplier cancelled) throws InterruptedException {
        Story.Step step = story.steps().get(next++);
        step.act().accept(lab);
        long until = System.nanoTime() + patience.toNanos();
        while (!cancelled.getAsBoolean() && System.nanoTime() < until) {
            if (isTrue(step)) {
                return true;
            }
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
        return false;
    }

    private boolean isTrue(Story.Step step) {
        try {
            return step.until().test(lab);
        } catch (ReplicaDown e) {
            return false;
        }
    }
}
