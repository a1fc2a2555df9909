// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import io.anabranch.server.ServerException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A certificate and its key, as two PEM files. */
public record PemFiles(Path certificates, Path key) {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");
    /** By the name that a key says of its algorithm. */
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "Ed25519");

    /**
     * Reads both.
     *
     * @throws ServerException if one cannot be read or used
     */
    public KeyStore keyStore() {
        Certificate[] chain = readCertificates();
        PrivateKey key = readKey();
        if (!belongTogether(chain[0].getPublicKey(), key)) {
            throw unusable(this.key, "it is no key for the first certificate in " + certificates, null);
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("relay", key, new char[0], chain);
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("keeping a key in memory", e);
        }
    }

    /** A certificate with the key of another would fail at each client's first word. */
    private static boolean belongTogether(PublicKey certified, PrivateKey key) {
        String algorithm = SIGNATURES.get(key.getAlgorithm());
        if (!certified.getAlgorithm().equals(key.getAlgorithm()) || algorithm == null) {
            return false;
        }
        byte[] words = "anabranch".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(words);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(words);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private Certificate[] readCertificates() {
        byte[] bytes = read(certificates).getBytes(StandardCharsets.ISO_8859_1);
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes))
                    .toArray(new Certificate[0]);
            if (chain.length == 0) {
                throw unusable(certificates, "it holds no certificate", null);
            }
            return chain;
        } catch (GeneralSecurityException e) {
            throw unusable(certificates, "it is no certificate (" + e.getMessage() + ")", e);
        }
    }

    private PrivateKey readKey() {
        Matcher pem = PKCS8.matcher(read(key));
        if (!pem.find()) {
            throw unusable(
                    key,
                    "it holds no unencrypted key that begins with '-----BEGIN PRIVATE KEY-----'; make it one with 'openssl"
                            + " pkcs8 -topk8 -nocrypt -in OLD -out NEW'",
                    null);
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // Another algorithm's, perhaps.
            }
        }
        throw unusable(key, "it is no key of " + String.join(", ", ALGORITHMS), null);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unusable(file, "there is no such file, or it may not be read", e);
        }
    }

    private static ServerException unusable(Path file, String why, @Nullable Throwable cause) {
        return new ServerException("cannot use " + file + " for TLS: " + why, cause);
    }
}
