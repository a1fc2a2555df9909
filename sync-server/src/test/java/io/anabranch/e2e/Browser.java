// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Chromium without a window, spoken to over its DevTools protocol with nothing but the JDK. One page. Confined to one thread,
 * but for what the browser tells unasked.
 */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final int PATIENCE_SECONDS = 120;

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    private @Nullable String session;

    private Browser(Process process, String address) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address), new Ear())
                .join();
        String target = call("Target.createTarget", Map.of("url", "about:blank"))
                .get("targetId")
                .asText();
        session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** Returns the program's name; null if none is installed. */
    static @Nullable String installed() {
        for (String name : NAMES) {
            try {
                Process version = new ProcessBuilder(name, "--version")
                        .redirectErrorStream(true)
                        .start();
                version.getInputStream().readAllBytes();
                if (version.waitFor() == 0) {
                    return name;
                }
            } catch (IOException e) {
                // Not that one.
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return null;
    }

    static Browser start(String program, Path profile) {
        List<String> command = List.of(
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
                "--disable-background-networking",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
            String line = errors.readLine();
            while (line != null && !line.startsWith("DevTools listening on ")) {
                line = errors.readLine();
            }
            if (line == null) {
                throw new AssertionError(program + " ended before it listened");
            }
            Thread drain = new Thread(() -> errors.lines().forEach(ignored -> {}), "stderr of " + program);
            drain.setDaemon(true);
            drain.start();
            return new Browser(process, line.substring("DevTools listening on ".length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- What a person does

    void open(String url) {
        call("Page.navigate", Map.of("url", url));
    }

    /** Makes the window so wide, and the colours dark or light. */
    void look(int width, boolean dark) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", width < 500));
        call(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /** Presses a key that is no letter: Tab, Enter, ArrowDown. */
    void press(String key, int code) {
        for (String type : List.of("rawKeyDown", "char", "keyUp")) {
            if (!type.equals("char") || key.equals("Enter")) {
                call(
                        "Input.dispatchKeyEvent",
                        Map.of(
                                "type",
                                type,
                                "key",
                                key,
                                "code",
                                key,
                                "windowsVirtualKeyCode",
                                code,
                                "text",
                                key.equals("Enter") ? "\r" : ""));
            }
        }
    }

    void type(String text) {
        call("Input.insertText", Map.of("text", text));
    }

    // ---- What a person sees

    /** Returns what an expression is, as text. */
    String evaluate(String expression) {
        JsonNode answer =
                call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")", "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + " failed: " + answer.get("exceptionDetails"));
        }
        return answer.at("/result/value").asText();
    }

    /** Waits until an expression is true. */
    void await(String expression) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!evaluate(expression).equals("true")) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not become true that " + expression + "; the page says "
                        + evaluate("document.body.innerText") + " and complained of " + complaints);
            }
            Thread.onSpinWait();
        }
    }

    /** Returns a picture of the whole page, as PNG. */
    byte[] picture() {
        JsonNode answer = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        return Base64.getDecoder().decode(answer.get("data").asText());
    }

    /** Returns the addresses that the page has asked for. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Returns errors of scripts and what the browser would not do, as a policy says. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    // ---- The protocol

    private JsonNode call(String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(message.toString(), true).join();
        JsonNode result = answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        if (result.has("error")) {
            throw new AssertionError(method + ": " + result.get("error"));
        }
        return result.path("result");
    }

    private void heard(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer =
                    answers.remove(message.get("id").asInt());
            if (answer != null) {
                answer.complete(message);
            }
            return;
        }
        switch (message.path("method").asText()) {
            case "Network.requestWillBeSent":
                requests.add(message.at("/params/request/url").asText());
                break;
            case "Runtime.exceptionThrown":
                complaints.add(message.at("/params/exceptionDetails").toString());
                break;
            case "Log.entryAdded":
                if (message.at("/params/entry/level").asText().equals("error")) {
                    complaints.add(message.at("/params/entry/text").asText());
                }
                break;
            default:
                break;
        }
    }

    private final class Ear implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    heard(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    complaints.add("not JSON: " + text);
                }
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
