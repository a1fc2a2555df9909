// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.RelayClient;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.http.Limits;
import io.anabranch.server.peers.PeerAddress;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard in a real browser. Skipped without Chromium; fails then when ANABRANCH_NO_SKIP is 1. The pictures of the
 * documentation are made by {@code mvn test -pl sync-server -am -Dtest=DashboardPageTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Danabranch.pictures=docs/images}.
 */
class DashboardPageTest {
    private static final String PICTURES = System.getProperty("anabranch.pictures", "");
    private static final List<String> PEOPLE =
            List.of("Ann's laptop", "Bob's desktop", "Till 1", "Till 2", "Warehouse <b>1</b>");

    /** On how many lines each cell is that says "never". */
    private static final String LINES_OF_NEVER = """
            [...document.querySelectorAll('#tokens td')].filter(c => c.textContent === 'never').map(c => {
              const text = document.createRange();
              text.selectNodeContents(c);
              return text.getClientRects().length;
            }).join()""";

    @TempDir
    static Path folder;

    private static final List<Replica> REPLICAS = new ArrayList<>();
    private static RelayServer other;
    private static RelayServer relay;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        String program = Browser.installed();
        if (program == null) {
            if ("1".equals(System.getenv("ANABRANCH_NO_SKIP"))) {
                fail("Chromium is missing: apt-get install chromium");
            }
            abort("Chromium is missing: apt-get install chromium");
        }
        Path data = folder.resolve("relay.db");
        List<String> secrets = new ArrayList<>();
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            Tokens tokens = new Tokens(store.tokens(), Clock.systemUTC());
            for (String name : PEOPLE) {
                secrets.add(tokens.create("shop", Set.of(Right.READ, Right.WRITE), name)
                        .text());
            }
            tokens.create("office", Set.of(Right.READ, Right.ADMIN), "Head office");
            String old = tokens.create("shop", Set.of(Right.READ), "Old phone")
                    .token()
                    .id();
            tokens.revoke(old);
        }
        other = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("other.db")));
        URI away = URI.create("http://127.0.0.1:" + Ports.free());
        relay = RelayServer.start(ServerOptions.builder()
                .port(0)
                .data(data)
                .peers(List.of(new PeerAddress(other.url(), Map.of(), null), new PeerAddress(away, Map.of(), null)))
                .build());
        for (int i = 0; i < PEOPLE.size(); i++) {
            REPLICAS.add(replica(i, secrets.get(i)));
        }
        browser = Browser.start(program, folder.resolve("profile"));
    }

    /** The first two stay connected, the others only came by; the last ones lack what was written since. */
    private static Replica replica(int number, String secret) {
        Replica replica = Replica.create(folder.resolve("shop" + number + ".db"), "shop");
        PeerOptions options = PeerOptions.builder().token(secret).build();
        if (number == 0) {
            replica.execute("CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
            replica.enrol("product", TableRules.defaults().counter("stock"));
            for (int i = 0; i < 40; i++) {
                replica.execute("INSERT INTO product VALUES (?, ?, 5)", "p" + i, "Product " + i);
            }
        }
        SyncOutcome outcome = replica.sync(relay.url(), options);
        while (outcome instanceof SyncOutcome.Later) { // It has not met the other relay yet.
            LockSupport.parkNanos(20_000_000);
            outcome = replica.sync(relay.url(), options);
        }
        if (number < 2) {
            replica.connect(relay.url(), options, ended -> {});
        } else {
            replica.execute("UPDATE product SET stock = stock - 1 WHERE id = ?", "p" + number);
            replica.sync(relay.url(), options);
        }
        return replica;
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        REPLICAS.forEach(Replica::close);
        if (relay != null) {
            relay.close();
            other.close();
        }
    }

    @Test
    void itShowsWhatThereIsAndLoadsNothingFromElsewhere() throws Exception {
        browser.look(1280, false);
        openDashboard();
        browser.await("document.querySelectorAll('#replicas tr').length === 5");
        browser.await("document.querySelectorAll('#replicas td.good').length >= 2");

        assertThat(browser.evaluate("document.querySelector('#state').textContent"))
                .isEqualTo("running");
        assertThat(browser.evaluate("document.querySelectorAll('#topology .node').length"))
                .isEqualTo("7");
        // Two listen, and one of the two other relays is there.
        browser.await("document.querySelectorAll('#topology .link.live').length === 3");
        assertThat(browser.evaluate("document.querySelectorAll('#topology rect.node').length"))
                .isEqualTo("2");
        assertThat(browser.evaluate("document.querySelector('#relays').innerText"))
                .contains(other.url().toString(), "in touch", "nobody listens at");
        assertThat(browser.evaluate("document.querySelector('#replicas').innerText"))
                .contains("Ann's laptop", "anabranch");
        assertThat(browser.evaluate("document.querySelector('#tokens').innerText"))
                .contains("Old phone", "revoked");
        assertThat(browser.evaluate("document.querySelector('#spaces').innerText"))
                .contains("shop", "office");
        // What people chose is text, whatever is in it.
        assertThat(browser.evaluate("document.querySelectorAll('main b').length"))
                .isEqualTo("0");
        assertThat(browser.evaluate("document.querySelector('#tokens').innerText"))
                .contains("<b>1</b>");
        String base = relay.url().toString();
        assertThat(browser.requests())
                .allMatch(url -> url.startsWith(base) || url.startsWith("data:") || url.equals("about:blank"));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void everyNumberIsExplained() {
        browser.look(1280, false);
        openDashboard();
        browser.await("document.querySelectorAll('.number').length === 8");
        assertThat(
                        browser.evaluate(
                                "[...document.querySelectorAll('.number')].every(n => n.querySelector('.why').textContent.length > 15)"))
                .isEqualTo("true");
        assertThat(
                        browser.evaluate(
                                "[...document.querySelectorAll('section:not([hidden]) h2')].every(h => h.nextElementSibling.textContent.length > 15)"))
                .isEqualTo("true");
    }

    @Test
    void itLivesWhenSomethingIsWritten() {
        browser.look(1280, false);
        openDashboard();
        browser.await("document.querySelectorAll('#replicas tr').length === 5");
        String before = browser.evaluate("document.querySelector('#spaces tr:last-child').innerText");
        REPLICAS.get(0).execute("UPDATE product SET stock = stock + 1");
        browser.await("document.querySelector('#spaces tr:last-child').innerText !== " + quoted(before));
        browser.await(
                "[...document.querySelectorAll('#replicas tr')].filter(r => r.querySelector('.warn')).length >= 1");
    }

    @Test
    void itFitsATelephoneInBothColours() throws IOException {
        for (int width : new int[] {360, 1280}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.look(width, dark);
                openDashboard();
                browser.await("document.querySelectorAll('#topology .node').length === 7");
                for (int i = 0; i < 5; i++) {
                    REPLICAS.get(0).execute("UPDATE product SET stock = stock + 1");
                }
                browser.await(
                        "[...document.querySelectorAll('#rate .bar')].some(bar => bar.getAttribute('height') > 5)");
                assertThat(browser.evaluate("document.documentElement.scrollWidth <= " + width))
                        .as("%d wide, nothing sticks out", width)
                        .isEqualTo("true");
                assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
                        .isEqualTo(dark ? "rgb(15, 21, 20)" : "rgb(246, 247, 245)");
                save("dashboard-" + width + (dark ? "-dark" : "-light") + ".png");
            }
        }
    }

    /** It went on sending the wrong one every two seconds, which its address is told to wait for. */
    @Test
    void aTokenThatIsRefusedIsAskedForAgainAndNotSentAgain() {
        Path data = folder.resolve("admins.db");
        String admin;
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            admin = new Tokens(store.tokens(), Clock.systemUTC())
                    .create("shop", Set.of(Right.ADMIN), "Ann")
                    .text();
        }
        ServerOptions options = ServerOptions.builder()
                .port(0)
                .data(data)
                .dashboardForAdmins(true)
                .limits(Limits.builder().wrongTokensPerMinute(1).build())
                .build();
        try (RelayServer elsewhere = RelayServer.start(options);
                Browser browser = Browser.start(Browser.installed(), folder.resolve("profile of an admin"))) {
            browser.look(1280, false);
            browser.open("http://relay.localhost:" + elsewhere.port() + "/dashboard");
            browser.await("document.querySelector('#ask') !== null && !document.querySelector('#ask').hidden");
            login(browser, "wrong");
            browser.await("document.querySelector('#refused').textContent !== ''");
            long asked = asked(browser);
            browser.await("performance.getEntriesByType('resource').length >= " + (asked + 2));
            assertThat(browser.evaluate("document.querySelector('#state').textContent"))
                    .isEqualTo("a token is needed");
            login(browser, admin);
            browser.await("!document.querySelector('#all').hidden");
            assertThat(browser.evaluate("document.querySelector('#spaces').innerText"))
                    .contains("shop");
        }
    }

    private static long asked(Browser browser) {
        return Long.parseLong(browser.evaluate("performance.getEntriesByType('resource').length"));
    }

    private static void login(Browser browser, String token) {
        browser.evaluate("document.querySelector('#token').value = " + quoted(token)
                + ", document.querySelector('#login').requestSubmit()");
    }

    /** Two hundred were shown, and counted as all. */
    @Test
    void ofVeryManyReplicasTheRestIsCounted() {
        try (RelayServer many = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("many.db")));
                Browser browser = Browser.start(Browser.installed(), folder.resolve("profile of many"))) {
            RelayClient client = new RelayClient(many.url());
            for (int i = 1; i <= 203; i++) {
                client.sync("shop", null, Origin.of(0, i));
            }
            browser.look(1280, false);
            browser.open(many.url() + "/dashboard");
            browser.await("document.querySelectorAll('#replicas tr').length === 200");
            assertThat(browser.evaluate("document.querySelector('#more-replicas').textContent"))
                    .startsWith("and 3 more");
            assertThat(browser.evaluate("document.querySelector('#numbers').innerText"))
                    .contains("203");
            assertThat(browser.evaluate("document.querySelector('#topology').textContent"))
                    .contains("and 183 more");
        }
    }

    /** They stuck out of a wide window, where cells are not cards, and a name was cut in the middle of a character. */
    @Test
    void namesOfAnyLengthAndKindFit() {
        Path data = folder.resolve("names.db");
        String space = "L".repeat(199) + "\u202e";
        String name = "\ud83e\udd8a".repeat(50);
        String secret;
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            Tokens tokens = new Tokens(store.tokens(), Clock.systemUTC());
            secret = tokens.create(space, Set.of(Right.READ, Right.WRITE), name).text();
            tokens.create(space, Set.of(Right.READ), "W".repeat(100));
            tokens.create("<img src=x onerror=alert(1)>", Set.of(Right.READ), "<script>alert(1)</script>");
        }
        try (RelayServer names = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
                Browser browser = Browser.start(Browser.installed(), folder.resolve("profile of names"))) {
            assertThat(new RelayClient(names.url())
                            .sync(space, secret, Origin.of(0, 1))
                            .status())
                    .isEqualTo(200);
            for (int width : new int[] {360, 700, 1280}) {
                browser.look(width, false);
                browser.open(names.url() + "/dashboard");
                browser.await("document.querySelectorAll('#topology .node').length === 1");
                assertThat(browser.evaluate("document.documentElement.scrollWidth <= " + width))
                        .as("%d wide, nothing sticks out", width)
                        .isEqualTo("true");
                assertThat(browser.evaluate("document.querySelector('#topology').innerHTML.isWellFormed()"))
                        .isEqualTo("true");
                assertThat(browser.evaluate("document.querySelectorAll('main img, main script').length"))
                        .isEqualTo("0");
                assertThat(browser.evaluate(LINES_OF_NEVER))
                        .as("what the relay says of two tokens is broken in no word")
                        .isEqualTo("1,1");
            }
        }
    }

    @Test
    void itCanBeUsedWithTheKeyboardAlone() {
        browser.look(1280, false);
        openDashboard();
        browser.await("document.querySelectorAll('#space option').length === 2");
        browser.press("Tab", 9);
        assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("space");
        String space = browser.evaluate("document.querySelector('#space').value");
        browser.press(space.equals("shop") ? "ArrowUp" : "ArrowDown", space.equals("shop") ? 38 : 40);
        browser.await("document.querySelector('#space').value !== " + quoted(space));
        browser.press("Tab", 9);
        assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("pause");
        browser.press("Enter", 13);
        browser.await("document.querySelector('#pause').getAttribute('aria-pressed') === 'true'");
    }

    @Test
    void thePageOfTheApiFitsToo() throws IOException {
        for (int width : new int[] {360, 1280}) {
            browser.look(width, false);
            browser.open(relay.url() + "/api");
            browser.await("document.querySelectorAll('section').length > 10");
            assertThat(browser.evaluate("document.documentElement.scrollWidth <= " + width))
                    .isEqualTo("true");
        }
    }

    private static void openDashboard() {
        browser.open(relay.url() + "/dashboard");
        browser.await("location.pathname === '/dashboard' && document.querySelector('#all') !== null"
                + " && !document.querySelector('#all').hidden");
    }

    private static void save(String name) throws IOException {
        byte[] picture = browser.picture();
        assertThat(picture).hasSizeGreaterThan(10_000);
        if (!PICTURES.isEmpty()) {
            Path target = Path.of(PICTURES);
            Path images = target.isAbsolute() ? target : Path.of("..").resolve(target);
            Files.createDirectories(images);
            Files.write(images.resolve(name), picture);
        }
    }

    private static String quoted(String text) {
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                + '"';
    }
}
