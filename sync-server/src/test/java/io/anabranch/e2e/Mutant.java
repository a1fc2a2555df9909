// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.objectweb.asm.Opcodes.ALOAD;
import static org.objectweb.asm.Opcodes.ICONST_0;
import static org.objectweb.asm.Opcodes.ICONST_1;
import static org.objectweb.asm.Opcodes.INVOKESTATIC;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.LADD;
import static org.objectweb.asm.Opcodes.LLOAD;
import static org.objectweb.asm.Opcodes.LSTORE;

import java.util.List;
import java.util.function.Consumer;
import org.objectweb.asm.MethodVisitor;

/** The shipped code with one mistake in it, and a seed whose simulation shows it. {@code docs/testing.md} lists them. */
enum Mutant {
    MERGE_KEEPS_ITS_OWN("4", Patch.instead(In.CRDT + "LwwRegister", "merge", load(0))),
    RANK_REVERSED("4", Patch.negating(In.CRDT + "LwwRegister", "beats")),
    EDIT_LEAVES_NO_DOT("1", Patch.without(In.CRDT + "RowLives", "change", "add")),
    NEW_LIFE_WITHOUT_DOT(
            "1",
            Patch.replacing(
                    In.CRDT + "RowLives",
                    "begin",
                    "of",
                    out -> out.visitMethodInsn(INVOKESTATIC, "java/util/List", "of", "()Ljava/util/List;", true))),
    DELETE_ENDS_WHAT_IT_DID_NOT_SEE("6", Patch.instead(In.CRDT + "Life", "without", out -> {
        out.visitVarInsn(ALOAD, 0);
        out.visitMethodInsn(INVOKESTATIC, "java/util/Collections", "emptySortedSet", "()Ljava/util/SortedSet;", false);
        out.visitMethodInsn(
                INVOKEVIRTUAL,
                "io/anabranch/crdt/Life",
                "withLive",
                "(Ljava/util/SortedSet;)Lio/anabranch/crdt/Life;",
                false);
    })),
    COUNTER_DELTA_APPLIED_TWICE("1", Patch.first(In.CRDT + "Cell$Count", "with", out -> {
        out.visitVarInsn(LLOAD, 2);
        out.visitVarInsn(LLOAD, 2);
        out.visitInsn(LADD);
        out.visitVarInsn(LSTORE, 2);
    })),
    SNAPSHOT_REPLACES("14", Patch.instead(In.CRDT + "RowLives", "join", load(1))),
    NO_SEAL_BEFORE_APPLY("114", Patch.without(In.STORE + "Arrivals", "showing", "seal")),
    VECTOR_MOVED_WITHOUT_STATE("1", Patch.without(In.STORE + "apply.Applier", "take", "collect")),
    EARLY_ACKNOWLEDGEMENT("1", Patch.replacing(In.SYNC + "session.Responder", "answer", "heads", out -> {
        out.visitVarInsn(ALOAD, 1);
        out.visitVarInsn(ALOAD, 3);
        out.visitMethodInsn(
                INVOKESTATIC,
                "io/anabranch/sync/session/Responder",
                "resolve",
                "(Lio/anabranch/sync/session/SyncRequest;Lio/anabranch/sync/session/BaseVectors;)"
                        + "Lio/anabranch/sync/change/Heads;",
                false);
    })),
    COPY_KEEPS_ITS_ORIGIN(
            "2",
            Patch.instead(
                    In.STORE + "log.Identity",
                    "doubt",
                    out -> out.visitMethodInsn(
                            INVOKESTATIC, "java/util/Optional", "empty", "()Ljava/util/Optional;", false))),
    SENDS_BEFORE_IT_IS_KNOWN_TO_HAVE_LEFT(
            "8 mesh 100 restore", Patch.instead(In.STORE + "log.Identity", "expose", null)),
    TOMBSTONE_DROPPED_EARLY(
            "3 star 150 compaction,partition",
            Patch.replacing(In.STORE + "row.Purger", "marksWithin", "dominates", out -> out.visitInsn(ICONST_1))),
    CONFLICT_NOT_NOTED("11 mesh 150 none", Patch.instead(In.STORE + "history.ConflictLog", "add", null)),
    CONTEXT_NOT_CHECKED(
            EffectFirst.NAME,
            Patch.replacing(
                    In.SYNC + "change.Admission",
                    "of",
                    "context",
                    out -> out.visitMethodInsn(INVOKESTATIC, "java/util/List", "of", "()Ljava/util/List;", true))),
    FENCE_IGNORED(
            LateEdit.NAME,
            Patch.replacing(In.SYNC + "Exchange", "load", "holdAgainst", out -> out.visitInsn(ICONST_1))),
    RELAY_KEEPS_WHAT_FAILED(
            "13 star 100 io-error", Patch.instead("io.anabranch.server.store.GroupCommit", "rollBack", null)),
    KNOWN_LATER_AND_NOT_SHOWN("13", Patch.instead(In.STORE + "enrol.SchemaFollower", "showKnown", null)),
    REBUILT_ROWS_ARE_SENT(
            "3", Patch.replacing(In.STORE + "seal.Rescan", "changed", "equals", out -> out.visitInsn(ICONST_0))),
    HIDDEN_ROWS_STAY_HIDDEN(
            "77",
            Patch.replacing(
                    In.STORE + "apply.ConstraintResolver",
                    "dependents",
                    "waitingFor",
                    out -> out.visitMethodInsn(INVOKESTATIC, "java/util/List", "of", "()Ljava/util/List;", true))),
    CHECKS_ARE_NOT_REVIEWED("9", Patch.instead(In.STORE + "apply.Violations", "review", null)),
    CONFLICT_NEVER_SETTLED("29 mesh 150 none", Patch.instead(In.STORE + "history.ConflictLog", "drop", null));

    final String scene;
    final List<Patch> patches;

    /**
     * @param scene the seed of a run as {@link SeedsTest} has many; or seed, topology, steps and faults of another; or the name of
     *     {@link EffectFirst} or {@link LateEdit}
     */
    Mutant(String scene, Patch... patches) {
        this.scene = scene;
        this.patches = List.of(patches);
    }

    /** Packages. */
    private interface In {
        String CRDT = "io.anabranch.crdt.";
        String SYNC = "io.anabranch.sync.";
        String STORE = SYNC + "store.";
    }

    private static Consumer<MethodVisitor> load(int variable) {
        return out -> out.visitVarInsn(ALOAD, variable);
    }
}
