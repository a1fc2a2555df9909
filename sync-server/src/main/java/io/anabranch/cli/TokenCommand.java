// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.ServerOptions;
import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.jdbc.JdbcDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "token",
        description = "Makes, lists and revokes the tokens of a relay, running or not. They count at once.",
        subcommands = {TokenCommand.Create.class, TokenCommand.ListAll.class, TokenCommand.Revoke.class})
final class TokenCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: create, list or revoke");
    }

    /** What the three share: the relay's file. */
    abstract static class OnRelay extends BaseCommand {
        @Option(
                names = "--data",
                paramLabel = "FILE",
                description = "The relay's file (${DEFAULT-VALUE}).",
                defaultValue = ServerOptions.DEFAULT_DATA)
        @SuppressWarnings("NullAway.Init")
        private Path data;

        final <T> T withTokens(Function<Tokens, T> work) {
            if (FileKinds.isReplica(data)) {
                throw new Failure(data + " is a replica; when it is served its tokens are in a file beside it: --data "
                        + data + ServeCommand.TOKENS);
            }
            try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
                return work.apply(new Tokens(store.tokens(), Clock.systemUTC()));
            }
        }

        final Path data() {
            return data;
        }

        /** Looking must not make a file. */
        final void requireFile() {
            if (!Files.exists(data)) {
                throw new Failure("there is no file " + data + "; name the relay's file with --data");
            }
        }
    }

    @Command(
            name = "create",
            description = "Makes a token for one space and prints it, once: nobody can show it again.")
    static final class Create extends OnRelay {
        @Option(names = "--space", required = true, paramLabel = "S", description = "The only space it is good for.")
        @SuppressWarnings("NullAway.Init")
        private String space;

        @Option(
                names = "--rights",
                required = true,
                split = ",",
                paramLabel = "RIGHT",
                description = "Any of " + Right.NAMES + ", separated by commas. None includes another.")
        @SuppressWarnings("NullAway.Init")
        private List<String> rights;

        @Option(names = "--name", paramLabel = "N", description = "Whose it is, for those who read the list.")
        private String name = "";

        @Option(
                names = "--renew",
                paramLabel = "ID",
                description =
                        "Let it speak for the replicas of the token ID too, which stays good until it is revoked.")
        private @Nullable String renew;

        @Override
        public Integer call() {
            Tokens.Created created;
            try {
                Set<Right> parsed = Right.parse(rights);
                created = withTokens(tokens -> create(tokens, parsed));
            } catch (IllegalArgumentException e) {
                throw wrongUsage(String.valueOf(e.getMessage()));
            }
            if (created == null) {
                throw new Failure("there is no token " + renew + " for the space '" + space + "' in " + data()
                        + "; 'anabranch token list' shows all");
            }
            out().println(created.text());
            return 0;
        }

        private Tokens.@Nullable Created create(Tokens tokens, Set<Right> parsed) {
            return renew == null ? tokens.create(space, parsed, name) : tokens.renew(renew, space, parsed, name);
        }
    }

    @Command(name = "list", description = "Lists the tokens, revoked ones too. Secrets are not kept and not shown.")
    static final class ListAll extends OnRelay {
        @Option(names = "--json", description = "Print one JSON document.")
        private boolean json;

        @Override
        public Integer call() {
            requireFile();
            List<AccessToken> tokens = withTokens(Tokens::list);
            if (json) {
                Json.print(
                        out(),
                        Map.of(
                                "tokens",
                                tokens.stream().map(AccessToken::document).collect(Collectors.toList())));
                return 0;
            }
            for (AccessToken token : tokens) {
                Instant revoked = token.revoked();
                out().println(token.id() + "  " + token.space() + "  " + Right.words(token.rights()) + "  made "
                        + token.created() + (token.name().isEmpty() ? "" : "  " + token.name())
                        + (revoked == null ? "" : "  revoked " + revoked));
            }
            return 0;
        }
    }

    @Command(name = "revoke", description = "Ends a token, at once and for good.")
    static final class Revoke extends OnRelay {
        @Parameters(paramLabel = "ID", description = "Its id; 'anabranch token list' shows it.")
        @SuppressWarnings("NullAway.Init")
        private String id;

        @Override
        public Integer call() {
            requireFile();
            if (!withTokens(tokens -> tokens.revoke(id))) {
                throw new Failure(
                        "no good token has the id '" + id + "' in " + data() + "; 'anabranch token list' shows all");
            }
            out().println("revoked " + id);
            return 0;
        }
    }
}
