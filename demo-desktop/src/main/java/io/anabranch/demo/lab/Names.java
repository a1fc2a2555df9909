// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.Origin;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whose origins are whose, and times as people read them. A replica may have had several origins. Thread-safe. */
public final class Names {
    private static final Pattern ORIGIN = Pattern.compile("\\b[0-9a-f]{32}\\b");
    private static final Pattern INSTANT = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    private static final DateTimeFormatter TODAY = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter ANOTHER_DAY = DateTimeFormatter.ofPattern("d MMM yyyy HH:mm", Locale.ROOT);

    private final Map<Origin, LabReplica> owners = new ConcurrentHashMap<>();
    private final Set<Origin> enrolments = ConcurrentHashMap.newKeySet();

    /** Notes the origin under which everybody enrols the same rows, and which is nobody's. */
    void noteEnrolment(Origin origin) {
        enrolments.add(origin);
    }

    void note(Origin origin, LabReplica replica) {
        owners.putIfAbsent(origin, replica);
    }

    public String of(Origin origin) {
        LabReplica owner = owners.get(origin);
        if (owner != null) {
            return owner.name();
        }
        return enrolments.contains(origin) ? "enrolment" : origin.shortName();
    }

    /** Returns the number by which an origin's colour is picked; -1 for one that no replica of the lab has. */
    public int number(@Nullable Origin origin) {
        LabReplica owner = origin == null ? null : owners.get(origin);
        return owner == null ? -1 : owner.number();
    }

    /** Returns a sentence of the engine's with the lab's names and times in it. */
    public String inWords(String sentence) {
        Map<String, String> words = new LinkedHashMap<>();
        Matcher origins = ORIGIN.matcher(sentence);
        while (origins.find()) {
            words.put(origins.group(), of(Origin.parse(origins.group())));
        }
        Matcher times = INSTANT.matcher(sentence);
        while (times.find()) {
            words.put(times.group(), time(Instant.parse(times.group())));
        }
        String said = sentence;
        for (Map.Entry<String, String> word : words.entrySet()) {
            said = said.replace(word.getKey(), word.getValue());
        }
        return said;
    }

    /** Returns a time of the lab in words: the time of the day, and the day unless it is today. */
    public static String time(@Nullable Instant time) {
        if (time == null) {
            return "before it was enrolled";
        }
        var shown = LabClock.shown(time).atZone(ZoneId.systemDefault());
        boolean isToday = shown.toLocalDate()
                .equals(Instant.now().atZone(ZoneId.systemDefault()).toLocalDate());
        return shown.format(isToday ? TODAY : ANOTHER_DAY);
    }
}
