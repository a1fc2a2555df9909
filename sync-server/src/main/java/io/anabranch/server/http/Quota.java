// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.Space;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Whether there is room for what a request brings: in its space, and on the disk. Thread-safe. */
final class Quota {
    private static final String RETRY_SECONDS = "300";
    private static final String REPLACED_RETRY_SECONDS = "30";

    private final Limits limits;
    private final LongSupplier freeDiskBytes;
    private final BooleanSupplier fileIsInPlace;

    Quota(Limits limits, LongSupplier freeDiskBytes, BooleanSupplier fileIsInPlace) {
        this.limits = limits;
        this.freeDiskBytes = freeDiskBytes;
        this.fileIsInPlace = fileIsInPlace;
    }

    /**
     * @param news change sets that the space does not hold
     * @param parts of them, or of others that are still coming
     */
    void requireRoom(Space space, List<EncodedChangeSet> news, List<Part> parts) {
        if (news.isEmpty() && parts.isEmpty()) {
            return;
        }
        Heads heads = space.heads();
        long bytes = parts.stream().mapToLong(part -> part.bytes().length).sum();
        Set<Origin> newOrigins = new HashSet<>();
        for (EncodedChangeSet changeSet : news) {
            bytes += changeSet.bytes().length;
            Origin origin = changeSet.header().origin();
            if (heads.get(origin).seq() == 0) {
                newOrigins.add(origin);
            }
        }
        Usage usage = space.usage();
        require("bytes", usage.bytes() + bytes, limits.spaceBytes());
        require("change-sets", usage.changeSets() + news.size(), limits.spaceChangeSets());
        require("origins", heads.entries().size() + (long) newOrigins.size(), limits.spaceOrigins());
        requireDisk();
    }

    /** Returns the family that an origin is bound to, which is {@code family} unless it was bound before. */
    String claim(Space space, Origin origin, String family) {
        long most = limits.spaceOrigins();
        String owner = space.claim(origin, family, most);
        if (owner == null) {
            throw full("origins", most + 1, most);
        }
        return owner;
    }

    /** Likewise for bytes of a snapshot. */
    void requireRoom(Space space, int bytes) {
        require("bytes", space.usage().bytes() + bytes, limits.spaceBytes());
        requireDisk();
    }

    private static void require(String what, long wanted, long limit) {
        if (wanted > limit) {
            throw full(what, wanted, limit);
        }
    }

    private static Problem full(String what, long wanted, long limit) {
        return new Problem(
                        507,
                        "quota-" + what,
                        "The space is full",
                        "nothing of the request was taken: the space would hold " + wanted + " "
                                + what.replace('-', ' ') + " and may hold " + limit
                                + ". Ask whoever runs the relay for"
                                + " more room; what was written stays with its replica until then")
                .with("limit", limit)
                .header("Retry-After", RETRY_SECONDS);
    }

    private void requireDisk() {
        if (!fileIsInPlace.getAsBoolean()) {
            throw new Problem(
                            503,
                            "file-replaced",
                            "The relay's file is another one",
                            "nothing of the request was taken: the relay's file was moved, deleted or replaced while it was in"
                                    + " use. Whoever runs the relay has to start it again; nothing is lost")
                    .header("Retry-After", REPLACED_RETRY_SECONDS);
        }
        if (freeDiskBytes.getAsLong() < limits.freeDiskBytes()) {
            throw new Problem(
                            507,
                            "disk-low",
                            "The relay's disk is nearly full",
                            "nothing of the request was taken: the relay keeps " + limits.freeDiskBytes()
                                    + " bytes of its disk free. Make room there and sync again; nothing is lost")
                    .header("Retry-After", RETRY_SECONDS);
        }
    }
}
