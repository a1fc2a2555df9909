// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench.crdt;

import com.typesafe.config.ConfigFactory;
import io.anabranch.crdt.OrSet;
import io.anabranch.crdt.PnCounter;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codecs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.cluster.ddata.ORSet;
import org.apache.pekko.serialization.SerializationExtension;

/** Bytes per element of a set of 100,000, held and encoded, beside Pekko's; elements are 20 random characters. Pekko
 * compresses what it encodes; this does not. */
public final class Footprint {
    private static final int SIZE = 100_000;

    private Footprint() {}

    public static void main(String[] args) {
        Random random = new Random(1);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            names.add(Long.toHexString(random.nextLong() | 1L << 63) + (1000 + random.nextInt(9000)));
        }
        OrSet<String> set = held("OrSet", () -> {
            OrSet<String> all = OrSet.empty();
            for (String name : names) {
                all = all.add(Origin.of(11, 1), name);
            }
            return all;
        });
        ORSet<String> pekko = held("Pekko ORSet", () -> {
            ORSet<String> all = ORSet.create();
            for (String name : names) {
                all = all.add(Pekko.node(1), name);
            }
            return all.resetDelta();
        });
        byte[] bytes = OrSet.codec(Codecs.text()).encode(set);
        encoded("OrSet", bytes.length, SIZE);
        encoded("OrSet, compressed", compressed(bytes), SIZE);
        encoded("Pekko ORSet, compressed by Pekko", pekkoBytes(pekko), SIZE);
        PnCounter counter = PnCounter.ZERO;
        for (int i = 0; i < 1000; i++) {
            counter = counter.add(Origin.random(random), 1 + random.nextInt(1_000_000));
        }
        encoded("PnCounter, per origin beyond its 16 bytes", PnCounter.codec().encode(counter).length - 16_000, 1000);
    }

    /** Without the elements themselves, which both share with the list. */
    private static <T> T held(String name, Supplier<T> maker) {
        T first = maker.get(); // Loads the classes.
        long before = used();
        T value = maker.get();
        System.out.printf("%s: %.1f bytes held per element%n", name, (used() - before) / (double) SIZE);
        if (value.equals(first.toString())) {
            throw new AssertionError();
        }
        return value;
    }

    private static long used() {
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void encoded(String name, long bytes, int count) {
        System.out.printf("%s: %.1f bytes encoded each%n", name, bytes / (double) count);
    }

    private static long compressed(byte[] bytes) {
        Deflater deflater = new Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        byte[] chunk = new byte[1 << 16];
        while (!deflater.finished()) {
            deflater.deflate(chunk);
        }
        long size = deflater.getBytesWritten();
        deflater.end();
        return size;
    }

    private static long pekkoBytes(ORSet<String> set) {
        ActorSystem system = ActorSystem.create(
                "bench",
                ConfigFactory.parseString("pekko.actor.provider = cluster\n"
                                + "pekko.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }\n"
                                + "pekko.loglevel = ERROR\npekko.stdout-loglevel = ERROR")
                        .withFallback(ConfigFactory.load()));
        try {
            return SerializationExtension.get(system).serialize(set).get().length;
        } finally {
            system.terminate();
        }
    }
}
