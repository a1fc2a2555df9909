// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Does what a step says, and says what came of it. Everything that it chooses comes from the step's salt, so that a step is
 * the same whichever others there are.
 */
final class Actor {
    /** With these alone every message arrives, and no file goes back. */
    private static final Set<Fault> CARRY_ONCE =
            Set.of(Fault.FOREIGN_SQL, Fault.POISON, Fault.MIXED_SCHEMA, Fault.CLOCK_JUMP, Fault.CLOCK_STOP);

    private static final int READ_ONCE_IN = 4;

    private final SyncWorld world;
    private final Set<Fault> faults;
    private final long seed;
    private final Consumer<Actor> others;
    private final Archive archive;
    private final LedgerOracle ledger;
    private final Oracles oracles;
    private final Mischief mischief;

    /** @param others lets others act while a message is under way */
    Actor(SyncWorld world, Set<Fault> faults, long seed, Consumer<Actor> others) {
        this.world = world;
        this.faults = faults;
        this.seed = seed;
        this.others = others;
        this.archive = new Archive(world.checks(), CARRY_ONCE.containsAll(faults));
        this.ledger = new LedgerOracle(world.checks());
        TravellingReader reader = new TravellingReader(world.checks());
        this.oracles = new Oracles(world, faults, archive, ledger, reader);
        this.mischief = new Mischief(world, ledger, reader);
        world.replicas().forEach(archive::addLog); // Rows that were there are held by all who had them, and never sent.
        world.network().observe(archive);
    }

    Archive archive() {
        return archive;
    }

    LedgerOracle ledger() {
        return ledger;
    }

    /** Carries out one step. What was injected may make it fail; any other failure is thrown. */
    String act(Step step) {
        Random random = step.random(seed);
        world.pass(1 + random.nextInt(2_000));
        List<SimulatedReplica> replicas = world.replicas();
        SimulatedReplica one = replicas.get(step.one() % replicas.size());
        Node other = other(one, step.other());
        String outcome = switch (step.kind()) {
            case WRITE -> write(step, one, random);
            case FOREIGN_WRITE -> foreignWrite(step, one, random);
            case POISON -> poison(step, one, random);
            case STRANGER -> stranger(other, random);
            case SEAL -> seal(one);
            case EXCHANGE -> exchange(one, other, random);
            case WAIT -> await(random);
            case COMPACT -> compact(one);
            case UPGRADE -> upgrade(one, random);
            default -> mischief.act(step.kind(), one, other, random);
        };
        oracles.check(one);
        if (step.salt() % READ_ONCE_IN == 0) {
            oracles.read(one);
        }
        return one.name() + " " + outcome;
    }

    /** Returns a node that is not {@code one}. */
    private Node other(SimulatedReplica one, int number) {
        List<Node> nodes = world.nodes();
        Node other = nodes.get(number % nodes.size());
        return other == one ? nodes.get((number + 1) % nodes.size()) : other;
    }

    // ---- What applications do

    private String write(Step step, SimulatedReplica one, Random random) {
        if (!one.isUp() || !one.schema().isReady()) {
            return "cannot write";
        }
        if (random.nextBoolean()) {
            String id = one.name() + "-" + step.salt();
            return writeEntry(one, Workload.entry(id, one, random));
        }
        List<String> statements = new Edits(step.salt(), one.schema(), random).transaction();
        return attempt(one, () -> {
            List<String> refused = new ArrayList<>();
            one.transaction(db -> refused.addAll(run(statements, db::execute)));
            return "runs " + statements + told(refused);
        });
    }

    private String writeEntry(SimulatedReplica one, Workload.Entry entry) {
        ledger.begun(entry);
        return attempt(one, () -> {
            one.transaction(db -> entry.statements().forEach(sql -> db.execute(sql)));
            ledger.acknowledged(one, entry);
            return "writes entry " + entry.id();
        });
    }

    private String foreignWrite(Step step, SimulatedReplica one, Random random) {
        if (!one.isUp() || !one.schema().isReady()) {
            return "cannot write";
        }
        if (random.nextBoolean()) {
            Workload.Entry entry = Workload.entry(one.name() + "-" + step.salt(), one, random);
            ledger.begun(entry);
            inForeignTransaction(one, entry.statements());
            ledger.acknowledged(one, entry);
            return "has another program write entry " + entry.id()
                    + attempt(one, () -> {
                        oracles.foreignWrite(one);
                        return "";
                    });
        }
        List<String> statements = new Edits(step.salt(), one.schema(), random).transaction();
        return "has another program run " + statements + told(inForeignTransaction(one, statements));
    }

    /** Poison, and an entry of the ledger in the same transaction. */
    private String poison(Step step, SimulatedReplica one, Random random) {
        if (!one.isUp() || !one.schema().isReady()) {
            return "cannot write";
        }
        String sql = new Edits(step.salt(), one.schema(), random).poison();
        Workload.Entry entry = Workload.entry(one.name() + "-" + step.salt(), one, random);
        ledger.begun(entry);
        List<String> statements = new ArrayList<>(entry.statements());
        statements.add(random.nextInt(statements.size() + 1), sql);
        List.of("PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON")
                .forEach(one::sql);
        List<String> refused = inForeignTransaction(one, statements);
        List.of("PRAGMA foreign_keys = ON", "PRAGMA ignore_check_constraints = OFF")
                .forEach(one::sql);
        ledger.acknowledged(one, entry);
        return "has another program write entry " + entry.id() + " and run " + sql + told(refused)
                + attempt(one, () -> {
                    oracles.poisoned(one, entry);
                    return "";
                });
    }

    /** Returns what the constraints of the tables refused. */
    private static List<String> inForeignTransaction(SimulatedReplica one, List<String> statements) {
        one.sql("BEGIN IMMEDIATE");
        List<String> refused = run(statements, one::sql);
        one.sql("COMMIT");
        return refused;
    }

    /** Returns what constraints refused: an application goes on without it. */
    private static List<String> run(List<String> statements, Consumer<String> execute) {
        List<String> refused = new ArrayList<>();
        for (String sql : statements) {
            try {
                execute.accept(sql);
            } catch (SqlException | SyncException.BadSql e) {
                Throwable cause = e instanceof SqlException ? e : e.getCause();
                if (!(cause instanceof SqlException refusal) || refusal.kind() != SqlException.Kind.CONSTRAINT) {
                    throw e;
                }
                refused.add(sql);
            }
        }
        return refused;
    }

    private static String told(List<String> refused) {
        return refused.isEmpty() ? "" : ", of which is refused: " + refused;
    }

    private String seal(SimulatedReplica one) {
        return one.isUp() ? attempt(one, () -> "holds " + one.heads().sum()) : "is down";
    }

    private String compact(SimulatedReplica one) {
        if (!one.isUp()) {
            return "is down";
        }
        return attempt(one, () -> {
            archive.addLog(one);
            return "compacts, and forgets rows: " + one.compact().livesPurged();
        });
    }

    /** The application on a device is replaced by a newer version, perhaps by several, one after another. */
    private String upgrade(SimulatedReplica one, Random random) {
        int versions = 1 + random.nextInt(Upgrade.values().length);
        boolean isQuiet = random.nextBoolean();
        boolean fills = random.nextInt(3) == 0;
        boolean restarts =
                random.nextInt(2) == 0 && faults.contains(Fault.CRASH); // What it knew of peers is lost then.
        if (!one.isUp() || !one.schema().isReady()) {
            return "cannot be upgraded";
        }
        List<Upgrade> made = new ArrayList<>();
        return attempt(one, () -> {
            try {
                for (Upgrade next = Upgrade.next(one);
                        next != null && made.size() < versions;
                        next = Upgrade.next(one)) {
                    made.add(next);
                    upgrade(one, next, isQuiet, fills);
                }
            } catch (SyncException e) {
                one.crash(); // With half of an upgrade it does not go on. When it starts again it says the rules first.
                throw e;
            }
            if (restarts) { // Perhaps before the library has looked.
                one.crash();
                one.restart();
            }
            return "is upgraded: " + made;
        });
    }

    private void upgrade(SimulatedReplica one, Upgrade upgrade, boolean isQuiet, boolean fills) {
        if (isQuiet) {
            oracles.upgrade(one, upgrade);
        } else {
            upgrade.run(one);
        }
        if (fills && upgrade == Upgrade.ADD_COLOUR) {
            one.sql("UPDATE item SET colour = 'old'");
        }
    }

    private String await(Random random) {
        int seconds = random.nextInt(3_600);
        world.pass(Duration.ofSeconds(seconds));
        return "waits " + seconds + " s";
    }

    // ---- Exchanges

    private String exchange(SimulatedReplica one, Node other, Random random) {
        if (!one.isUp()) {
            return "is down";
        }
        Node slow = world.replica(0);
        world.network().weather(new Storm(faults, random, slow, mischief.deaf(), () -> others.accept(this)));
        boolean mayFail = isArmed(one) || isArmed(other);
        long disturbances = world.network().disturbances();
        String outcome = attempt(one, () -> {
            SyncOutcome ended = one.sync(other);
            boolean undisturbed = !mayFail && world.network().disturbances() == disturbances;
            oracles.exchanged(one, other, ended, undisturbed);
            return "with " + other.name() + ": " + describe(ended);
        });
        if (other instanceof SimulatedReplica replica) {
            oracles.check(replica);
        }
        return outcome;
    }

    /** Somebody who speaks another version of the protocol says what somebody said before. */
    private String stranger(Node one, Random random) {
        byte[] request = world.network().lastRequest();
        if (!one.isUp() || isArmed(one) || request.length == 0) {
            return "meets nobody";
        }
        oracles.otherVersion(one, Damage.ofOtherProtocol(request, random));
        return "sees " + one.name() + " talk to another version";
    }

    private static boolean isArmed(Node node) {
        return node instanceof SimulatedReplica replica
                ? replica.driver().isArmed()
                : node instanceof SimulatedRelay relay && relay.driver().isArmed();
    }

    /** Says of a failure only that it was one: texts may name folders, or depend on the machine. */
    private static String describe(SyncOutcome outcome) {
        if (outcome instanceof SyncOutcome.Failed) {
            return "Failed";
        }
        if (outcome instanceof SyncOutcome.Refused refused) {
            return "Refused, " + refused.why();
        }
        return outcome.toString();
    }

    /** Runs what a fault may end. A failure that was not injected is the engine's own, and is thrown. */
    private static String attempt(SimulatedReplica one, Supplier<String> work) {
        FaultyDriver driver = one.driver();
        try {
            return work.get();
        } catch (Crash crash) {
            return "crashes";
        } catch (SyncException e) {
            if (driver.takeHappened()) {
                return "fails: " + e.getClass().getSimpleName();
            }
            throw e;
        }
    }

    /** Ends all faults, lets all exchange until they hold the same, and checks what must hold then. */
    String end() {
        mischief.end();
        return oracles.end();
    }
}
