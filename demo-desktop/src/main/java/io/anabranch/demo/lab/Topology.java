// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.util.ArrayList;
import java.util.List;

/** Who asks whom. */
public enum Topology {
    STAR("Star", "everybody asks the relay"),
    RING("Ring", "each asks the next, the last the first; no relay"),
    ALL("All-to-all", "each pair of replicas has a link; no relay"),
    OWN("Own", "drag from one to another to link them");

    private final String label;
    private final String meaning;

    Topology(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    public String label() {
        return label;
    }

    public String meaning() {
        return meaning;
    }

    /** A link between two parties, by name: the first asks. */
    public record Pair(String asker, String answerer) {
        /** Returns whether this joins the same two as {@code other}, whoever asks. */
        boolean joins(Pair other) {
            return equals(other) || (asker.equals(other.answerer) && answerer.equals(other.asker));
        }
    }

    /** Returns the links of these replicas. Of one's own making there are none to begin with. */
    List<Pair> links(List<String> replicas) {
        List<Pair> links = new ArrayList<>();
        int count = replicas.size();
        switch (this) {
            case STAR -> replicas.forEach(name -> links.add(new Pair(name, LabRelay.NAME)));
            case RING -> {
                for (int i = 0; i < (count == 2 ? 1 : count); i++) {
                    if (count > 1) {
                        links.add(new Pair(replicas.get(i), replicas.get((i + 1) % count)));
                    }
                }
            }
            case ALL -> {
                for (int i = 0; i < count; i++) {
                    for (int j = i + 1; j < count; j++) {
                        links.add(new Pair(replicas.get(i), replicas.get(j)));
                    }
                }
            }
            case OWN -> {}
        }
        return links;
    }
}
