// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.EnrolReport;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Setup;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.session.SpaceName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "init",
        description = "Makes a SQLite file a replica and enrols tables, with the rows that are there."
                + " Run it again to enrol more.")
final class InitCommand extends BaseCommand {
    @Parameters(paramLabel = "FILE", description = "The file; an empty one is made if it is missing.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = "--space",
            required = true,
            paramLabel = "S",
            description = "The space: replicas of one space hold the same.")
    @SuppressWarnings("NullAway.Init")
    private String space;

    @Option(names = "--table", paramLabel = "T", description = "A table to enrol. May be repeated.")
    private List<String> tables = new ArrayList<>();

    @Option(names = "--all-tables", description = "Enrol every table that has a primary key.")
    private boolean allTables;

    @Option(
            names = "--rule",
            paramLabel = "T.COL=RULE",
            description = "How concurrent writes of a column merge: lww (unless given), counter, gcounter,"
                    + " bounded:MINIMUM, max, min, set, mv, list, custom:NAME, or rename: two rows given one value of a unique"
                    + " key are told apart; for an AUTOINCREMENT key, ranges: each replica numbers rows from its own. May be"
                    + " repeated.")
    private List<String> rules = new ArrayList<>();

    @Option(
            names = "--group",
            paramLabel = "T:COL,COL",
            description = "Columns that change together: of concurrent writers one wins all of them. May be repeated.")
    private List<String> groups = new ArrayList<>();

    @Option(
            names = "--on-delete",
            paramLabel = "T=POLICY",
            description = "What becomes of a row that is deleted while it is edited: edit-wins (unless given) or"
                    + " delete-wins. May be repeated.")
    private List<String> policies = new ArrayList<>();

    @Option(
            names = "--fk",
            paramLabel = "T.COL=RULE",
            description =
                    "What becomes of a row whose parent is deleted meanwhile: revive keeps the parent, hide hides the"
                            + " row; unless given, revive where the parent's table is edit-wins. Columns of one key are"
                            + " joined by commas. May be repeated.")
    private List<String> foreignKeys = new ArrayList<>();

    /** The tables that are in the file. */
    private final List<String> there = new ArrayList<>();

    @Override
    public Integer call() {
        if (!SpaceName.isValid(space)) {
            throw wrongUsage("--space '" + space + "' cannot name a space: " + SpaceName.RULE);
        }
        Map<RuleOption, Rule> wantedRules = parse("--rule", rules, Rule::parse);
        Map<RuleOption, ForeignKeyRule> wantedKeys = parse("--fk", foreignKeys, ForeignKeyRule::parse);
        Map<String, DeletePolicy> wantedPolicies = parsePolicies();
        boolean existed = Files.exists(file);
        List<EnrolReport> reports = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        List<@Nullable String> refusals = new ArrayList<>();
        ProgressLines progress = new ProgressLines(line -> {
            err().println(line);
            err().flush();
        });
        Consumer<Setup> setup = replica -> {
            there.addAll(replica.enrollableTables());
            there.addAll(replica.tablesWithoutPrimaryKey());
            List<String> chosen = new ArrayList<>(tables);
            if (allTables) {
                replica.enrollableTables().stream()
                        .filter(table -> !contains(chosen, table))
                        .forEach(chosen::add);
                leftOut.addAll(replica.tablesWithoutPrimaryKey());
            }
            assign(chosen, wantedRules, wantedKeys, wantedPolicies).forEach((table, tableRules) -> {
                try {
                    reports.add(replica.enrol(table, tableRules, progress));
                } catch (SyncException.CannotEnrol e) {
                    if (isAskedFor(table, tableRules)) {
                        throw e;
                    }
                    refusals.add(e.getMessage());
                }
            });
        };
        try (Replica replica = Replica.create(file, space, setup)) {
            out().println((existed ? "" : "made ") + file + (existed ? " is" : ",") + " a replica of space "
                    + replica.space() + ", as " + replica.origin());
            if (replica.walTurnedOn()) {
                out().println("turned WAL on: " + file + " now has " + file.getFileName() + "-wal and "
                        + file.getFileName() + "-shm beside it while it is open; copy all three or none");
            }
        }
        if (allTables && reports.isEmpty()) {
            err().println("note: " + file + " has no table to enrol");
        }
        refusals.forEach(refusal -> err().println("left out: " + refusal));
        leftOut.forEach(table -> err().println("left out " + table
                + ": it has no primary key, so its rows have no names that replicas could agree on"));
        reports.forEach(this::report);
        return 0;
    }

    /** Of all tables, one that cannot be enrolled is left out; one that was named fails. */
    private boolean isAskedFor(String table, TableRules tableRules) {
        return contains(tables, table)
                || !tableRules.rules().isEmpty()
                || !tableRules.foreignKeys().isEmpty()
                || tableRules.isOnDeleteSet();
    }

    private void report(EnrolReport report) {
        if (report.alreadyEnrolled()) {
            out().println("table " + report.table() + " was enrolled already");
        } else {
            out().println("enrolled " + report.table() + " with " + Count.of(report.rows(), "row"));
        }
        report.warnings().forEach(warning -> err().println("warning: " + warning));
    }

    // ---- Options

    /** What stands before "=" in a rule; where the table ends and the column begins depends on the tables' names. */
    private record RuleOption(String tableAndColumn) {}

    private <T> Map<RuleOption, T> parse(String name, List<String> options, Function<String, T> parser) {
        Map<RuleOption, T> parsed = new LinkedHashMap<>();
        for (String option : options) {
            int equals = option.lastIndexOf('=');
            if (equals < 0 || option.lastIndexOf('.', equals) < 1) {
                throw wrongUsage(name + " '" + option + "' does not look like TABLE.COLUMN=RULE");
            }
            checkSaidOnce(name, option, equals, options);
            try {
                parsed.put(new RuleOption(option.substring(0, equals)), parser.apply(option.substring(equals + 1)));
            } catch (IllegalArgumentException e) {
                throw wrongUsage(name + " '" + option + "': " + e.getMessage());
            }
        }
        return parsed;
    }

    /** Complains where an option says one thing here and another there about the same. */
    private void checkSaidOnce(String name, String option, int equals, List<String> all) {
        String what = option.substring(0, equals + 1);
        for (String other : all) {
            if (other.regionMatches(true, 0, what, 0, what.length()) && !other.equalsIgnoreCase(option)) {
                throw wrongUsage(name + " says both '" + option + "' and '" + other + "': give one");
            }
        }
    }

    private Map<String, DeletePolicy> parsePolicies() {
        Map<String, DeletePolicy> parsed = new LinkedHashMap<>();
        for (String option : policies) {
            int equals = option.lastIndexOf('=');
            if (equals < 1) {
                throw wrongUsage("--on-delete '" + option + "' does not look like TABLE=POLICY");
            }
            checkSaidOnce("--on-delete", option, equals, policies);
            try {
                parsed.put(option.substring(0, equals), TableRules.parsePolicy(option.substring(equals + 1)));
            } catch (IllegalArgumentException e) {
                throw wrongUsage("--on-delete '" + option + "': " + e.getMessage());
            }
        }
        return parsed;
    }

    private Map<String, TableRules> assign(
            List<String> enrolled,
            Map<RuleOption, Rule> wantedRules,
            Map<RuleOption, ForeignKeyRule> wantedKeys,
            Map<String, DeletePolicy> wantedPolicies) {
        Map<String, TableRules> assigned = new LinkedHashMap<>();
        Map<String, List<String[]>> wantedGroups = parseGroups(enrolled);
        enrolled.forEach(table -> assigned.put(table, TableRules.defaults()));
        wantedRules.forEach((option, rule) -> {
            String table = tableOf("--rule ", option, enrolled);
            String column = option.tableAndColumn().substring(table.length() + 1);
            assigned.computeIfPresent(table, (name, tableRules) -> tableRules.rule(column, rule));
        });
        wantedKeys.forEach((option, rule) -> {
            String table = tableOf("--fk ", option, enrolled);
            String columns = option.tableAndColumn().substring(table.length() + 1);
            assigned.computeIfPresent(table, (name, tableRules) -> tableRules.foreignKey(columns, rule));
        });
        wantedGroups.forEach((table, columns) -> columns.forEach(group -> {
            try {
                assigned.computeIfPresent(table, (name, tableRules) -> tableRules.group(group));
            } catch (IllegalArgumentException e) {
                throw wrongUsage("--group '" + table + ":" + String.join(",", group) + "': " + e.getMessage());
            }
        }));
        wantedPolicies.forEach((named, policy) -> {
            String table = find(enrolled, named, "--on-delete " + named);
            assigned.computeIfPresent(table, (name, tableRules) -> tableRules.onDelete(policy));
        });
        return assigned;
    }

    private Map<String, List<String[]>> parseGroups(List<String> enrolled) {
        Map<String, List<String[]>> parsed = new LinkedHashMap<>();
        for (String option : groups) {
            int colon = option.indexOf(':');
            if (colon < 1 || colon == option.length() - 1) {
                throw wrongUsage("--group '" + option + "' does not look like TABLE:COLUMN,COLUMN");
            }
            String table = find(enrolled, option.substring(0, colon), "--group " + option);
            parsed.computeIfAbsent(table, t -> new ArrayList<>())
                    .add(option.substring(colon + 1).split(","));
        }
        return parsed;
    }

    private String tableOf(String name, RuleOption option, List<String> enrolled) {
        String text = option.tableAndColumn();
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
            String table = text.substring(0, dot);
            if (contains(enrolled, table)) {
                return find(enrolled, table, name + text);
            }
        }
        return find(enrolled, text.substring(0, text.indexOf('.')), name + text);
    }

    private String find(List<String> enrolled, String table, String option) {
        return enrolled.stream()
                .filter(table::equalsIgnoreCase)
                .findFirst()
                .orElseThrow(() -> wrongUsage(
                        contains(there, table)
                                ? option + " is for a table that is not being enrolled: add --table " + table
                                : option + " is for a table " + table + ", and " + file + " has none of that name"));
    }

    private static boolean contains(List<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }
}
