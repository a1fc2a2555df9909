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
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A counter that never falls below its minimum, however many replicas take from it at once: stock, seats, a budget.
 *
 * <p>Whatever lies above the minimum is rights, and each right is in one origin's hands. Adding makes rights for the
 * adder, who may pass them on; taking uses up the taker's own. Each number has one writer and only grows, so merging
 * takes the larger. A replica alone with too few rights is refused, though there may be enough elsewhere.
 *
 * <p>State: per origin what it made, spent and gave to whom; O(origins + pairs that ever traded), never shrinks.
 * Immutable. Two replicas that write under one origin break the promise. The delta of a {@link #take} or a {@link
 * #transfer} is the whole counter: it must not arrive without the rights that it rests on.
 *
 * <p>Source: Balegas et al., "Extending Eventually Consistent Cloud Databases for Enforcing Numeric Invariants", SRDS
 * 2015.
 */
public final class BoundedCounter implements Crdt<BoundedCounter> {
    private static final Codec<BoundedCounter> CODEC = new Bytes();

    private final long minimum;
    private final HashTrie<Origin, Account> accounts;

    private BoundedCounter(long minimum, HashTrie<Origin, Account> accounts) {
        this.minimum = minimum;
        this.accounts = accounts;
    }

    /** Returns a counter that stands at its minimum. */
    public static BoundedCounter atLeast(long minimum) {
        return new BoundedCounter(minimum, HashTrie.empty());
    }

    /** Returns the counter of these accounts: what each origin has made, spent and given so far. */
    static BoundedCounter of(long minimum, SortedMap<Origin, RightsChange> accounts) {
        BoundedCounter[] counter = {atLeast(minimum)};
        accounts.forEach((origin, account) -> counter[0] = counter[0].record(origin, account));
        return counter[0];
    }

    public static Codec<BoundedCounter> codec() {
        return CODEC;
    }

    /** Returns this counter after {@code self} adds {@code amount}, and the rights to it. */
    public BoundedCounter add(Origin self, long amount) {
        requirePositive(amount);
        return with(self, account(self).made(amount));
    }

    /** Returns the least counter that, merged into this one, gives {@link #add}. */
    public BoundedCounter addDelta(Origin self, long amount) {
        requirePositive(amount);
        return new BoundedCounter(minimum, HashTrie.of(self, account(self).made(amount)));
    }

    /**
     * Returns this counter after {@code self} takes {@code amount}.
     *
     * @throws InsufficientRightsException if {@code self} holds fewer rights; it says who holds how many
     */
    public BoundedCounter take(Origin self, long amount) {
        requireRights(self, amount);
        return with(self, account(self).spent(amount));
    }

    /**
     * Returns this counter after {@code self} hands rights to {@code amount} over to {@code to}.
     *
     * @throws InsufficientRightsException if {@code self} holds fewer rights; it says who holds how many
     */
    public BoundedCounter transfer(Origin self, Origin to, long amount) {
        if (self.equals(to)) {
            throw new IllegalArgumentException("a transfer to oneself: " + self);
        }
        requireRights(self, amount);
        return with(self, account(self).gave(to, amount));
    }

    /**
     * Returns this counter after what {@code origin} did elsewhere, where its rights were looked at. Asks for none here: a
     * change that some refused and others took would part them. One that overflows a total is void.
     */
    BoundedCounter record(Origin origin, RightsChange change) {
        Account account = account(origin);
        if (!account.canAdd(change)) {
            return this;
        }
        Account next = account.made(change.made()).spent(change.spent());
        for (Map.Entry<Origin, Long> gift : change.given().entrySet()) {
            next = next.gave(gift.getKey(), gift.getValue());
        }
        return next.isEmpty() ? this : with(origin, next);
    }

    private BoundedCounter with(Origin origin, Account account) {
        return new BoundedCounter(minimum, accounts.with(origin, account));
    }

    private void requireRights(Origin self, long amount) {
        requirePositive(amount);
        if (rights(self) < amount) {
            throw new InsufficientRightsException(self, amount, holders());
        }
    }

    private static void requirePositive(long amount) {
        if (amount <= 0) {
            throw new IllegalArgumentException("amount <= 0: " + amount);
        }
    }

    /** @throws IllegalArgumentException if the two have different minimums and so are not states of one counter */
    @Override
    public BoundedCounter merge(BoundedCounter other) {
        if (minimum != other.minimum) {
            throw new IllegalArgumentException("minimums differ: " + minimum + ", " + other.minimum);
        }
        HashTrie<Origin, Account> merged = accounts.merge(other.accounts, Account::max);
        return merged == accounts ? this : new BoundedCounter(minimum, merged);
    }

    /** Returns how much {@code origin} can take, as far as is known here; exact at the origin itself. */
    public long rights(Origin origin) {
        BigInteger[] rights = {account(origin).balance()};
        accounts.forEach((giver, account) -> rights[0] = rights[0].add(BigInteger.valueOf(account.givenTo(origin))));
        return rights[0].min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }

    /** Returns who holds rights, as far as is known here, by ascending origin. */
    public SortedMap<Origin, Long> holders() {
        TreeMap<Origin, Long> holders = new TreeMap<>();
        accounts.forEach((origin, account) -> {
            holders.put(origin, rights(origin));
            account.given.forEach((to, amount) -> holders.put(to, rights(to)));
        });
        holders.values().removeIf(rights -> rights <= 0);
        return holders;
    }

    public BigInteger value() {
        BigInteger[] sum = {BigInteger.valueOf(minimum)};
        accounts.forEach((origin, account) ->
                sum[0] = sum[0].add(BigInteger.valueOf(account.made)).subtract(BigInteger.valueOf(account.spent)));
        return sum[0];
    }

    public long minimum() {
        return minimum;
    }

    /** Returns what each origin has made, spent and given so far, by ascending origin. */
    SortedMap<Origin, RightsChange> accounts() {
        TreeMap<Origin, RightsChange> sorted = new TreeMap<>();
        accounts.forEach((origin, account) ->
                sorted.put(origin, new RightsChange(account.made, account.spent, sorted(account.given))));
        return sorted;
    }

    private Account account(Origin origin) {
        Account account = accounts.get(origin);
        return account == null ? Account.NONE : account;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BoundedCounter that && minimum == that.minimum && accounts.equals(that.accounts);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(minimum) + accounts.hashCode();
    }

    @Override
    public String toString() {
        return value() + " >= " + minimum + " " + sorted(accounts);
    }

    private static <V> TreeMap<Origin, V> sorted(HashTrie<Origin, V> map) {
        TreeMap<Origin, V> sorted = new TreeMap<>();
        map.forEach(sorted::put);
        return sorted;
    }

    /** What one origin made, spent and gave to others. Only it writes this; nothing ever falls. */
    private record Account(long made, long spent, HashTrie<Origin, Long> given) {
        static final Account NONE = new Account(0, 0, HashTrie.empty());

        Account made(long amount) {
            return new Account(Math.addExact(made, amount), spent, given);
        }

        Account spent(long amount) {
            return new Account(made, Math.addExact(spent, amount), given);
        }

        Account gave(Origin to, long amount) {
            return new Account(made, spent, given.with(to, Math.addExact(givenTo(to), amount)));
        }

        boolean canAdd(RightsChange change) {
            boolean fits = change.made() <= Long.MAX_VALUE - made && change.spent() <= Long.MAX_VALUE - spent;
            for (Map.Entry<Origin, Long> gift : change.given().entrySet()) {
                fits &= gift.getValue() <= Long.MAX_VALUE - givenTo(gift.getKey());
            }
            return fits;
        }

        long givenTo(Origin origin) {
            Long amount = given.get(origin);
            return amount == null ? 0 : amount;
        }

        /** What it holds of what it made itself; negative if it lives on what others gave. */
        BigInteger balance() {
            BigInteger[] balance = {BigInteger.valueOf(made).subtract(BigInteger.valueOf(spent))};
            given.forEach((to, amount) -> balance[0] = balance[0].subtract(BigInteger.valueOf(amount)));
            return balance[0];
        }

        Account max(Account other) {
            HashTrie<Origin, Long> most = given.merge(other.given, (mine, theirs) -> theirs > mine ? theirs : mine);
            boolean same = most == given && made >= other.made && spent >= other.spent;
            return same ? this : new Account(Math.max(made, other.made), Math.max(spent, other.spent), most);
        }

        boolean isEmpty() {
            return made == 0 && spent == 0 && given.isEmpty();
        }
    }

    /**
     * The minimum; a count; then of each, by ascending origin: the origin, what it made and spent, a count, and to whom
     * it gave how much, by ascending origin.
     */
    private static final class Bytes extends TaggedCodec<BoundedCounter> {
        Bytes() {
            super(TypeTag.BOUNDED_COUNTER);
        }

        @Override
        public void write(BoundedCounter counter, ByteWriter out) {
            out.zigzag(counter.minimum).varint(counter.accounts.size());
            sorted(counter.accounts).forEach((origin, account) -> {
                out.origin(origin).varint(account.made).varint(account.spent).varint(account.given.size());
                sorted(account.given).forEach((to, amount) -> out.origin(to).varint(amount));
            });
        }

        @Override
        public BoundedCounter read(ByteReader in) {
            long minimum = in.zigzag();
            int count = in.count(Origin.SIZE_BYTES + 3, "accounts");
            HashTrie<Origin, Account> accounts = HashTrie.empty();
            Ascending<Origin> origins = new Ascending<>("origin");
            for (int i = 0; i < count; i++) {
                accounts = accounts.with(origins.next(in, in.origin()), readAccount(in));
            }
            return new BoundedCounter(minimum, accounts);
        }

        private static Account readAccount(ByteReader in) {
            long made = in.varint(0, Long.MAX_VALUE, "what was made");
            long spent = in.varint(0, Long.MAX_VALUE, "what was spent");
            int count = in.count(Origin.SIZE_BYTES + 1, "transfers");
            HashTrie<Origin, Long> given = HashTrie.empty();
            Ascending<Origin> origins = new Ascending<>("origin");
            for (int i = 0; i < count; i++) {
                given = given.with(origins.next(in, in.origin()), in.varint(1, Long.MAX_VALUE, "what was given"));
            }
            Account account = new Account(made, spent, given);
            if (account.isEmpty()) {
                throw in.error("an account that is not empty before here", "an empty one");
            }
            return account;
        }

        @Override
        public int minBytes() {
            return 2;
        }
    }
}
