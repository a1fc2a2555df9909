// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tries histories: steps, one after the other, in a world that is played from the start each time, and then asks it what is wrong.
 *
 * @param steps all that there are
 * @param fresh a world in which nothing has happened
 * @param fault what is wrong with a world; null if nothing is. It may go on playing
 */
record HistorySearch<W>(List<Step<W>> steps, Supplier<W> fresh, Function<W, @Nullable String> fault) {
    /** A step, and what it does; false if there is nothing to do. */
    record Step<W>(String name, Predicate<W> act) {}

    /** Plays a history by the names of its steps, each of which has to do something, and returns what is wrong then. */
    @Nullable
    String play(String history) {
        W world = fresh.get();
        for (String name : history.split(", ")) {
            assertThat(step(name).act.test(world)).as(name).isTrue();
        }
        return fault.apply(world);
    }

    /** As {@link #play}, where other rules may leave a step without anything to do. */
    @Nullable
    String playWhatCanBe(String history) {
        W world = fresh.get();
        for (String name : history.split(", ")) {
            step(name).act.test(world);
        }
        return fault.apply(world);
    }

    private Step<W> step(String name) {
        return steps.stream().filter(each -> each.name.equals(name)).findFirst().orElseThrow();
    }

    /** Returns a shortest history of at most so many steps after which something is wrong, and what; null if there is none. */
    @Nullable
    String shortestFault(int mostSteps) {
        for (int depth = 1; depth <= mostSteps; depth++) {
            String found = extend(new ArrayList<>(), depth);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String extend(List<Step<W>> path, int depth) {
        for (Step<W> step : steps) {
            path.add(step);
            W world = replay(path);
            if (world != null) {
                String found = path.size() == depth ? told(path, fault.apply(world)) : extend(path, depth);
                if (found != null) {
                    return found;
                }
            }
            path.remove(path.size() - 1);
        }
        return null;
    }

    /** Returns null if the last step does nothing: then what follows was tried without it. */
    private @Nullable W replay(List<Step<W>> path) {
        W world = fresh.get();
        boolean did = true;
        for (Step<W> step : path) {
            did = step.act.test(world);
        }
        return did ? world : null;
    }

    /** Returns the first of so many random histories after which something is wrong, without steps that it does not take. */
    @Nullable
    String randomFault(int histories) {
        Random random = new Random(11);
        for (int i = 0; i < histories; i++) {
            W world = fresh.get();
            List<Step<W>> path = new ArrayList<>();
            int length = 4 + random.nextInt(20);
            for (int tries = 0; path.size() < length && tries < 6 * length; tries++) {
                Step<W> step = steps.get(random.nextInt(steps.size()));
                if (step.act.test(world)) {
                    path.add(step);
                }
            }
            if (fault.apply(world) != null) {
                List<Step<W>> fewest = fewest(path);
                return told(fewest, playWhatCanBe(names(fewest)));
            }
        }
        return null;
    }

    private List<Step<W>> fewest(List<Step<W>> path) {
        for (int i = 0; path.size() > 1 && i < path.size(); i++) {
            List<Step<W>> shorter = new ArrayList<>(path);
            shorter.remove(i);
            if (playWhatCanBe(names(shorter)) != null) {
                return fewest(shorter);
            }
        }
        return path;
    }

    private @Nullable String told(List<Step<W>> path, @Nullable String fault) {
        return fault == null ? null : names(path) + ": " + fault;
    }

    private String names(List<Step<W>> path) {
        return path.stream().map(Step::name).collect(Collectors.joining(", "));
    }
}
