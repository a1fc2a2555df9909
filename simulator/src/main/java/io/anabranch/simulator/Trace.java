// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.change.Hash128;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** What happened, line by line, and a hash over it: equal for equal seeds and versions, on every machine. */
final class Trace {
    private final MessageDigest digest = Hash128.sha256();
    private final List<String> lines = new ArrayList<>();

    void add(String line) {
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        lines.add(line);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Returns the version, as six hexadecimal digits, and the hash, as 32. Nothing can be added after that. */
    String finish() {
        return TraceVersion.current().digits() + Hash128.finish(digest);
    }
}
