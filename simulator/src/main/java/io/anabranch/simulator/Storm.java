// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.Random;
import java.util.Set;

/** Bad weather, as far as the faults that are on make it. The random numbers are those of the step under way. */
final class Storm implements Weather {
    private static final int MOST_DELAY_MILLIS = 5_000;

    private final Set<Fault> faults;
    private final Random random;
    private final Runnable others;
    private final Set<Node> deaf;
    private final Node slow;

    /**
     * @param slow whose messages take long
     * @param deaf whom no answer reaches
     * @param others lets others act
     */
    Storm(Set<Fault> faults, Random random, Node slow, Set<Node> deaf, Runnable others) {
        this.faults = faults;
        this.random = random;
        this.slow = slow;
        this.deaf = deaf;
        this.others = others;
    }

    @Override
    public boolean losesRequest(Node from, Node to) {
        return isOn(Fault.LOSS, 10) || isOn(Fault.REORDERING, 12);
    }

    @Override
    public boolean comesLate() {
        return faults.contains(Fault.REORDERING) && random.nextInt(3) > 0;
    }

    @Override
    public boolean losesReply(Node from, Node to) {
        return deaf.contains(from) || isOn(Fault.LOSS, 10);
    }

    @Override
    public boolean duplicates() {
        return isOn(Fault.DUPLICATION, 5);
    }

    @Override
    public long delayMillis() {
        return faults.contains(Fault.DELAY) ? random.nextInt(MOST_DELAY_MILLIS) : 1;
    }

    @Override
    public byte[] damage(byte[] message) {
        if (isOn(Fault.MIXED_PROTOCOL, 15)) {
            return Damage.ofOtherProtocol(message, random);
        }
        return isOn(Fault.CORRUPTION, 15) ? Damage.to(message, random) : message;
    }

    @Override
    public boolean meanwhile(Node from, Node to) {
        boolean isSlow = faults.contains(Fault.SLOW_PEER) && (from == slow || to == slow);
        boolean isLong = isSlow || isOn(Fault.DELAY, 3);
        if (isLong) {
            others.run();
        }
        return isLong;
    }

    private boolean isOn(Fault fault, int onceIn) {
        return faults.contains(fault) && random.nextInt(onceIn) == 0;
    }
}
