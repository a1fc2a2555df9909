// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.change.Admission;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.SyncOutcome;
import java.net.URI;
import java.util.regex.Pattern;

/** What came of an exchange, in words. */
final class Outcomes {
    /** How Java says that nobody whom it trusts vouches for a certificate. */
    private static final Pattern NOT_TRUSTED = Pattern.compile("PKIX path [^)]*");

    /** The same for people. */
    private static final String NOBODY_VOUCHES = "nobody who is trusted here vouches for its certificate";

    private Outcomes() {}

    static String settled(SyncOutcome.Settled settled, URI peer) {
        return settled(settled, peer, Direction.BOTH);
    }

    /** Says no more of a link that goes one way than is known over it. */
    static String settled(SyncOutcome.Settled settled, URI peer, Direction direction) {
        switch (direction) {
            case PUSH:
                return "pushed to " + peer + ": sent " + Count.of(settled.sent(), "change set")
                        + "; it holds all that is here";
            case PULL:
                return "pulled from " + peer + ": received " + Count.of(settled.received(), "change set")
                        + "; all that it holds is here";
            default:
                return "settled with " + peer + ": sent " + Count.of(settled.sent(), "change set") + ", received "
                        + Count.of(settled.received(), "change set");
        }
    }

    /** Returns why an exchange did not settle and what to do now. */
    static String why(SyncOutcome outcome) {
        if (outcome instanceof SyncOutcome.Unreachable unreachable) {
            return unreachable.reason() + "; nothing is lost, try again when it can be reached";
        }
        if (outcome instanceof SyncOutcome.Later later) {
            return later.reason();
        }
        if (outcome instanceof SyncOutcome.Failed failed) {
            String reason = inWords(failed.reason());
            return reason.equals(failed.reason())
                    ? reason
                    : reason + "; if it is of your own authority, name that with --ca-cert";
        }
        if (outcome instanceof SyncOutcome.Refused refused) {
            return why(refused.why());
        }
        return "several rounds moved nothing; others may be writing faster than this link carries, try again";
    }

    /** Returns what Java says of a line that is not safe, as people understand it. */
    static String inWords(String reason) {
        return NOT_TRUSTED.matcher(reason).replaceFirst(NOBODY_VOUCHES);
    }

    private static String why(Admission refusal) {
        if (refusal instanceof Admission.Fork fork) {
            return "there are two histories of " + fork.origin() + ", from change set " + fork.seq()
                    + " on: a replica file was copied or restored and both copies wrote. Sync the file that wrote them:"
                    + " it repairs itself where it can";
        }
        if (refusal instanceof Admission.Gap gap) {
            return "change sets " + gap.expectedSeq() + " to " + (gap.foundSeq() - 1) + " of " + gap.origin()
                    + " are missing; sync with a peer that has them, then again";
        }
        if (refusal instanceof Admission.MissingContext missing) {
            return "change sets of " + missing.origin() + " up to " + missing.neededSeq() + " are needed and only "
                    + missing.knownSeq() + " are known; sync with a peer that has them, then again";
        }
        if (refusal instanceof Admission.Fenced) {
            return "this file wrote without having seen what the peer has forgotten, and could not begin anew from it;"
                    + " sync with another peer first, then again";
        }
        throw new AssertionError("not a refusal: " + refusal);
    }
}
