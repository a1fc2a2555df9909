// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import io.anabranch.sync.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Certificates that may vouch for a peer, instead of those that the machine trusts. Immutable. */
public final class CaCertificates {
    private final X509TrustManager trust;

    private CaCertificates(X509TrustManager trust) {
        this.trust = trust;
    }

    /**
     * Reads them from a PEM file.
     *
     * @throws SyncException.BadFile if it cannot be read or holds no certificate
     */
    public static CaCertificates read(Path pem) {
        try (InputStream in = Files.newInputStream(pem)) {
            return of(CertificateFactory.getInstance("X.509").generateCertificates(in), pem);
        } catch (IOException e) {
            throw new SyncException.BadFile(
                    "cannot read the certificates in " + pem + ": there is no such file, or it may"
                            + " not be read; name a PEM file",
                    e);
        } catch (CertificateException e) {
            throw new SyncException.BadFile(
                    "cannot read the certificates in " + pem + ": " + e.getMessage() + "; name a PEM file", e);
        }
    }

    private static CaCertificates of(Collection<? extends Certificate> certificates, Path pem) {
        if (certificates.isEmpty()) {
            throw new SyncException.BadFile("there are no certificates in " + pem + "; name a PEM file", null);
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : certificates) {
                store.setCertificateEntry(Integer.toString(store.size()), certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    return new CaCertificates(x509);
                }
            }
            throw new AssertionError("no trust manager for X.509 certificates");
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("keeping certificates in memory", e);
        }
    }

    X509TrustManager trust() {
        return trust;
    }

    SSLSocketFactory sockets() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has TLS", e);
        }
    }
}
