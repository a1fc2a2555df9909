// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Hex;
import io.anabranch.sync.session.BundleHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exchanges by files: what they bring, what they refuse, and what becomes of damaged ones. */
class BundleTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica ann;
    private TestReplica bob;
    private int files;

    @BeforeEach
    void start() {
        world = new World(folder);
        ann = world.replica("ann");
        ann.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");
        ann.enrol("item", TableRules.defaults());
        ann.sql("INSERT INTO item VALUES ('a', 'of Ann')");
        bob = world.replica("bob");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void anEmptyReplicaGetsTablesAndRows() {
        carry(ann, bob);

        assertThat(bob.rows("item")).containsExactly("a|of Ann");
        world.assertConverged(ann, bob);
    }

    @Test
    void thereAndBackWithOneStickIsAnExchange() {
        carry(ann, bob);
        bob.sql("INSERT INTO item VALUES ('b', 'of Bob')");
        ann.sql("UPDATE item SET title = 'of Ann, later' WHERE id = 'a'");

        carry(bob, ann);
        carry(ann, bob);

        assertThat(ann.rows("item")).containsExactly("a|of Ann, later", "b|of Bob");
        world.assertConverged(ann, bob);
    }

    @Test
    void onlyWhatTheOtherLacksIsWritten() {
        carry(ann, bob);
        ann.sql("INSERT INTO item VALUES ('c', 'new')");

        Path path = path();
        BundleReport report = export(ann, path, bob.file().vector());
        assertThat(report.changeSets()).isEqualTo(1);
        assertThat(report.withSnapshot()).isFalse();
        assertThat(take(bob, path).changeSets()).isEqualTo(1);
        assertThat(take(bob, path).changeSets()).as("taken again").isZero();
        world.assertConverged(ann, bob);
    }

    @Test
    void aGapIsRefusedAndTheMissingRangesAreNamed() throws IOException {
        VersionVector before = ann.file().heads().vector();
        ann.sql("INSERT INTO item VALUES ('b', 'x')");
        Path path = path();
        export(ann, path, before);

        assertThatThrownBy(() -> take(bob, path))
                .isInstanceOf(SyncException.CannotImport.class)
                .hasMessageContaining("lacks: 1 of " + before.entries().firstKey())
                .hasMessageContaining("--since");
        assertThat(bob.file().vector()).isEqualTo(VersionVector.EMPTY);
    }

    @Test
    void whereTheLogWasCutTheBundleHoldsASnapshot() {
        world.settle(ann, bob);
        ann.file().compact();
        ann.sql("INSERT INTO item VALUES ('b', 'after the cut')");
        TestReplica cid = world.replica("cid");
        Path path = path();

        assertThat(export(ann, path, VersionVector.EMPTY).withSnapshot()).isTrue();
        BundleReport taken = take(cid, path);

        assertThat(taken.withSnapshot()).isTrue();
        assertThat(taken.changeSets()).isEqualTo(3);
        assertThat(cid.rows("item")).containsExactly("a|of Ann", "b|after the cut");
        world.assertConverged(ann, cid);
        assertThat(take(cid, path).changeSets()).as("taken again").isZero();
    }

    @Test
    void aSnapshotJoinsWhatTheOtherWroteMeanwhile() {
        world.settle(ann, bob);
        ann.file().compact();
        TestReplica cid = world.replica("cid");
        carry(ann, cid);
        cid.sql("INSERT INTO item VALUES ('c', 'of Cid')");
        ann.sql("DELETE FROM item");
        ann.file().compact();
        carry(ann, cid);

        assertThat(cid.rows("item")).containsExactly("c|of Cid");
    }

    @Test
    void largeTransactionsGoInParts() {
        ann.file().limits(new BodyLimits(1_000, 1_000, 1 << 20));
        String[] many = new String[3_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = "INSERT INTO item VALUES ('m" + i + "', hex(randomblob(300)))";
        }
        ann.sqls(many);
        ann.sql("INSERT INTO item VALUES ('z', 'behind it')");
        carry(ann, bob);

        assertThat(bob.rows("item")).hasSize(3_002);
        world.assertConverged(ann, bob);
    }

    @Test
    void takingOneCountsAsHearingFromItsMaker() {
        carry(ann, bob);
        bob.sql("INSERT INTO item VALUES ('b', 'of Bob')");
        assertThat(bob.file().countHolders(bob.file().heads().vector())).isZero();
        carry(bob, ann);

        carry(ann, bob);
        assertThat(bob.file().countHolders(bob.file().heads().vector())).isEqualTo(1);
    }

    @Test
    void oneOfAnotherSpaceIsRefused() {
        Path path = path();
        export(ann, path, VersionVector.EMPTY);
        try (var other = world.open(folder.resolve("other.db"), "another")) {
            assertThatThrownBy(() -> new BundleImport(other, path).take())
                    .isInstanceOf(SyncException.WrongSpace.class)
                    .hasMessageContaining("of space 'shop'");
        }
    }

    @Test
    void aFileThatIsThereIsNotWrittenOver() throws IOException {
        Path path = path();
        Files.writeString(path, "Dear diary");

        assertThatThrownBy(() -> export(ann, path, VersionVector.EMPTY))
                .isInstanceOf(SyncException.CannotWrite.class)
                .hasMessageContaining("there is a file already");
        assertThat(path).hasContent("Dear diary");
    }

    @Test
    void aFolderThatIsMissingIsAnErrorAndLeavesNothing() {
        assertThatThrownBy(() -> export(ann, folder.resolve("none/b.bundle"), VersionVector.EMPTY))
                .isInstanceOf(SyncException.CannotWrite.class);
    }

    // ---- Hostile bytes

    @Test
    void anyPartOfABundleIsRefusedWhole() throws IOException {
        byte[] whole = bundle();
        for (int length = 0; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length));
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 1));
    }

    @Test
    void anyByteThatChangedIsNoticed() throws IOException {
        byte[] whole = bundle();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 0x40;
            assertRefused(changed);
        }
    }

    @Test
    void bytesThatHashRightAndMeanNothingAreRefusedToo() throws IOException {
        byte[] whole = bundle();
        Random random = new Random(11);
        for (int i = 0; i < 3_000; i++) {
            byte[] mangled = Arrays.copyOf(whole, whole.length - Hash128.SIZE_BYTES);
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                mangled[4 + random.nextInt(mangled.length - 4)] = (byte) random.nextInt(256);
            }
            byte[] signed = Arrays.copyOf(mangled, whole.length);
            System.arraycopy(Hash128.of(mangled, new byte[0]).bytes(), 0, signed, mangled.length, Hash128.SIZE_BYTES);
            Path path = folder.resolve("mangled.bundle");
            Files.write(path, signed);
            try {
                take(bob, path);
            } catch (SyncException e) {
                assertThat(e).hasMessageStartingWith("cannot import " + path);
            }
        }
    }

    @Test
    void whatIsNoBundleIsSaidToBeNone() throws IOException {
        Path path = path();
        Files.writeString(path, "Dear diary, today I made a backup of everything that I have.");
        assertThatThrownBy(() -> take(bob, path))
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("no bundle");
        assertThatThrownBy(() -> take(bob, folder.resolve("none")))
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("is that its name?");
    }

    // ---- Golden bytes

    @Test
    void theHeadOfABundleHasTheseBytesForEver() {
        Origin origin = Origin.parse("a0000000000000000000000000000001");
        BundleHead head = new BundleHead(
                "shop",
                origin,
                VersionVector.of(Map.of(origin, 2L)),
                VersionVector.EMPTY,
                Heads.of(Map.of(origin, new Head(300, Hash128.ZERO))),
                VersionVector.of(Map.of(origin, 1L)));
        String bytes = "0473686f70"
                + "a0000000000000000000000000000001"
                + "01a000000000000000000000000000000102"
                + "00"
                + "01a0000000000000000000000000000001ac0200000000000000000000000000000000"
                + "01a000000000000000000000000000000101";

        assertThat(Hex.of(head.encode())).isEqualTo(bytes);
        assertThat(BundleHead.decode(head.encode())).isEqualTo(head);
    }

    @Test
    void aBundleOfNothingHasTheseBytesForEver() throws IOException {
        Path path = path();
        try (var empty = world.open(folder.resolve("empty.db"), "shop")) {
            new BundleExport(empty, path).write(VersionVector.EMPTY);
            byte[] bytes = Files.readAllBytes(path);
            String head = "0473686f70" + empty.self() + "00000000";
            String all = "41424201" + "19" + head + "00";

            assertThat(Hex.of(Arrays.copyOf(bytes, bytes.length - Hash128.SIZE_BYTES)))
                    .isEqualTo(all);
        }
    }

    private byte[] bundle() throws IOException {
        Path path = path();
        export(ann, path, VersionVector.EMPTY);
        return Files.readAllBytes(path);
    }

    private void assertRefused(byte[] bytes) throws IOException {
        Path path = folder.resolve("damaged.bundle");
        Files.write(path, bytes);
        assertThatThrownBy(() -> take(bob, path)).isInstanceOf(SyncException.BadFile.class);
        assertThat(bob.file().vector()).isEqualTo(VersionVector.EMPTY);
    }

    private void carry(TestReplica from, TestReplica to) {
        Path path = path();
        export(from, path, to.file().heads().vector());
        take(to, path);
    }

    private static BundleReport export(TestReplica from, Path to, VersionVector since) {
        return new BundleExport(from.file(), to).write(since);
    }

    private static BundleReport take(TestReplica to, Path from) {
        return new BundleImport(to.file(), from).take();
    }

    private Path path() {
        return folder.resolve("stick" + files++ + ".bundle");
    }
}
