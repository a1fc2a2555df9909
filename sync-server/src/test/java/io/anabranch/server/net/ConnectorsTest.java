// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.ServerOptions;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

class ConnectorsTest {
    /** Jetty counts the silence; what is ours is to say how much of it there may be. */
    @Test
    void silenceEndsAConnectionAfterTheTimeThatIsSet() {
        ServerOptions options = ServerOptions.builder().build();
        assertThat(options.idleTimeout()).hasSeconds(60);
        assertThat(options.headTimeout()).hasSeconds(10);
        Server server = new Server();
        assertThat(Connectors.create(server, new HttpConfiguration(), "127.0.0.1", 0, null, 10_000, 61_234)
                        .getIdleTimeout())
                .isEqualTo(61_234);
    }
}
