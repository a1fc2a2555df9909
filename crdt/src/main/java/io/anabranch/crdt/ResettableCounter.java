// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import io.anabranch.crdt.trie.HashTrie;
import java.math.BigInteger;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A counter that can be set back to zero: a reset takes away exactly what the resetter had seen, and what others added
 * meanwhile counts on.
 *
 * <p>Next to the two totals of each origin stands how much of each was reset. All four only grow, so merging takes the
 * larger. Resetting the net value instead would not do: of +10 and -8, one replica may have seen both and one only the
 * first.
 *
 * <p>State: four numbers per origin that ever added; O(origins), never shrinks. Immutable. Adding costs O(log origins),
 * a reset O(origins).
 *
 * <p>Source: Weber, Bieniusa, Poetzsch-Heffter, "Access Control for Highly-Available Transactional Data Stores", 2016,
 * has the reset by what was seen; the totals are those of a PN-counter.
 */
public final class ResettableCounter implements Crdt<ResettableCounter> {
    public static final ResettableCounter ZERO = new ResettableCounter(HashTrie.empty());

    private static final Codec<ResettableCounter> CODEC = new Bytes();

    private final HashTrie<Origin, Account> accounts;

    private ResettableCounter(HashTrie<Origin, Account> accounts) {
        this.accounts = accounts;
    }

    public static Codec<ResettableCounter> codec() {
        return CODEC;
    }

    /**
     * Returns this counter after {@code self} adds {@code amount}, which may be negative.
     *
     * @throws ArithmeticException if a total of {@code self} would pass 2^63 - 1
     */
    public ResettableCounter add(Origin self, long amount) {
        return amount == 0
                ? this
                : new ResettableCounter(accounts.with(self, account(self).plus(amount)));
    }

    /** Returns the least counter that, merged into this one, gives {@link #add}. */
    public ResettableCounter addDelta(Origin self, long amount) {
        return amount == 0
                ? ZERO
                : new ResettableCounter(HashTrie.of(self, account(self).plus(amount)));
    }

    /** Returns this counter at zero. */
    public ResettableCounter reset() {
        return merge(resetDelta());
    }

    /** Returns the least counter that, merged into this one, gives {@link #reset}. */
    public ResettableCounter resetDelta() {
        ResettableCounter[] delta = {ZERO};
        accounts.forEach((origin, account) -> {
            if (!account.reset().equals(account)) {
                delta[0] = new ResettableCounter(delta[0].accounts.with(origin, account.reset()));
            }
        });
        return delta[0];
    }

    @Override
    public ResettableCounter merge(ResettableCounter other) {
        HashTrie<Origin, Account> merged = accounts.merge(other.accounts, Account::max);
        return merged == accounts ? this : new ResettableCounter(merged);
    }

    /** Returns what was added and not reset, less what was removed and not reset, exactly. */
    public BigInteger value() {
        BigInteger[] sum = {BigInteger.ZERO};
        accounts.forEach((origin, account) -> sum[0] = sum[0].add(BigInteger.valueOf(account.net())));
        return sum[0];
    }

    private Account account(Origin origin) {
        Account account = accounts.get(origin);
        return account == null ? Account.NONE : account;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResettableCounter that && accounts.equals(that.accounts);
    }

    @Override
    public int hashCode() {
        return accounts.hashCode();
    }

    @Override
    public String toString() {
        return value() + sorted().toString();
    }

    private TreeMap<Origin, Account> sorted() {
        TreeMap<Origin, Account> sorted = new TreeMap<>();
        accounts.forEach(sorted::put);
        return sorted;
    }

    /** What one origin added and removed, and how much of each was reset. None is negative; none ever falls. */
    private record Account(long added, long removed, long addedReset, long removedReset) {
        static final Account NONE = new Account(0, 0, 0, 0);

        Account plus(long amount) {
            return amount >= 0
                    ? new Account(Math.addExact(added, amount), removed, addedReset, removedReset)
                    : new Account(added, Math.addExact(removed, Math.negateExact(amount)), addedReset, removedReset);
        }

        Account reset() {
            return new Account(added, removed, added, removed);
        }

        Account max(Account other) {
            Account max = new Account(
                    Math.max(added, other.added),
                    Math.max(removed, other.removed),
                    Math.max(addedReset, other.addedReset),
                    Math.max(removedReset, other.removedReset));
            return max.equals(this) ? this : max;
        }

        /** Neither difference is negative, so this cannot overflow. */
        long net() {
            return (added - addedReset) - (removed - removedReset);
        }
    }

    /** A count; then of each, by ascending origin: the origin, both totals, and how much of each was reset. */
    private static final class Bytes extends TaggedCodec<ResettableCounter> {
        Bytes() {
            super(TypeTag.RESETTABLE_COUNTER);
        }

        @Override
        public void write(ResettableCounter counter, ByteWriter out) {
            out.varint(counter.accounts.size());
            counter.sorted()
                    .forEach((origin, account) -> out.origin(origin)
                            .varint(account.added)
                            .varint(account.removed)
                            .varint(account.addedReset)
                            .varint(account.removedReset));
        }

        @Override
        public ResettableCounter read(ByteReader in) {
            int count = in.count(Origin.SIZE_BYTES + 4, "accounts");
            HashTrie<Origin, Account> accounts = HashTrie.empty();
            Ascending<Origin> origins = new Ascending<>("origin");
            for (int i = 0; i < count; i++) {
                Origin origin = origins.next(in, in.origin());
                long added = in.varint(0, Long.MAX_VALUE, "what was added");
                long removed = in.varint(added == 0 ? 1 : 0, Long.MAX_VALUE, "what was removed");
                long addedReset = in.varint(0, added, "how much of what was added was reset");
                long removedReset = in.varint(0, removed, "how much of what was removed was reset");
                accounts = accounts.with(origin, new Account(added, removed, addedReset, removedReset));
            }
            return new ResettableCounter(accounts);
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
