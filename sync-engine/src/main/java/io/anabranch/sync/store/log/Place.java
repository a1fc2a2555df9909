// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of a replica outside its file: which file it was, and how far it has sent. A file that was copied or put
 * back from a backup contradicts it, and must take a new origin before it writes anything under the old one.
 *
 * <p>One small JSON file per origin in the state directory. Thread-safe.
 */
public final class Place {
    private static final Logger LOG = LoggerFactory.getLogger(Place.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;

    public Place(Path directory) {
        this.directory = directory;
    }

    /** Returns where the state lies unless told: ANABRANCH_STATE_DIR, or the user's state folder. */
    public static Path defaultDirectory() {
        String own = System.getenv("ANABRANCH_STATE_DIR");
        if (own != null && !own.isEmpty()) {
            return Paths.get(own);
        }
        String xdg = System.getenv("XDG_STATE_HOME");
        String local = System.getenv("LOCALAPPDATA");
        if (xdg != null && !xdg.isEmpty()) {
            return Paths.get(xdg, "anabranch");
        }
        return local != null && !local.isEmpty()
                ? Paths.get(local, "anabranch")
                : Paths.get(System.getProperty("user.home", "."), ".local", "state", "anabranch");
    }

    /** Returns why the file may not be the only one that writes as {@code origin}; empty if all is as it was left. */
    public Optional<String> doubt(Path file, Origin origin, String secret, long seq) {
        Path sidecar = sidecar(origin);
        if (!Files.exists(sidecar)) {
            return Optional.of("it was last used elsewhere");
        }
        try {
            JsonNode known = JSON.readTree(Files.readAllBytes(sidecar));
            if (!known.path("secret").asText().equals(secret)) {
                return Optional.of("its install secret is another");
            }
            if (!known.path("machine").asText().equals(machine())) {
                return Optional.of("it was last used on another machine");
            }
            if (!known.path("fileKey").asText().equals(fileKey(file))) {
                return Optional.of("it is a copy");
            }
            if (known.path("seqSent").asLong() > seq) {
                return Optional.of("it is older than what it has sent already");
            }
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", sidecar, e.getMessage());
            return Optional.of("what is known of it cannot be read");
        }
    }

    /**
     * Returns the origins under which this file was used from this state directory. Two programs that keep their state apart
     * and take turns with one file each come back to their own, instead of taking a new one each time.
     */
    List<Origin> origins(Path file) {
        List<Origin> origins = new ArrayList<>();
        String key = fileKey(file);
        try (DirectoryStream<Path> sidecars = Files.newDirectoryStream(directory, "*.json")) {
            for (Path sidecar : sidecars) {
                JsonNode known = JSON.readTree(Files.readAllBytes(sidecar));
                if (known.path("fileKey").asText().equals(key)) {
                    origins.add(Origin.parse(known.path("origin").asText()));
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("what is known of {} cannot be read whole: {}", file, e.getMessage());
        }
        return origins;
    }

    /** Remembers the file, and that change sets up to {@code seqSent} may have left it. */
    void remember(Path file, Origin origin, String secret, long seqSent) {
        ObjectNode known = JSON.createObjectNode();
        known.put("origin", origin.toString());
        known.put("secret", secret);
        known.put("path", file.toAbsolutePath().toString());
        known.put("fileKey", fileKey(file));
        known.put("machine", machine());
        known.put("seqSent", seqSent);
        Path target = sidecar(origin);
        Path fresh = directory.resolve(origin + ".new");
        try {
            Files.createDirectories(directory);
            Files.write(fresh, JSON.writeValueAsBytes(known));
            Files.move(fresh, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new SyncException.CannotWrite(
                    "cannot remember replica " + file + " in " + directory + ": " + e.getMessage()
                            + "; without that a copied file could not be told from this one. Make the folder writable,"
                            + " or name another by ANABRANCH_STATE_DIR",
                    e);
        }
    }

    private Path sidecar(Origin origin) {
        return directory.resolve(origin + ".json");
    }

    /** Device and inode where the platform has them; a copy differs. Elsewhere the path has to do. */
    private static String fileKey(Path file) {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return key == null ? file.toRealPath().toString() : key.toString();
        } catch (IOException e) {
            throw new SyncException.BadFile("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static String machine() {
        try {
            Path id = Paths.get("/etc/machine-id");
            return Files.exists(id) ? new String(Files.readAllBytes(id), StandardCharsets.UTF_8).trim() : "";
        } catch (IOException e) {
            return "";
        }
    }
}
