// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which version this is: reads what Maven wrote into the jar. */
public final class Version implements IVersionProvider {
    private static final String PROPERTIES = "/META-INF/maven/io.anabranch/anabranch-sync-server/pom.properties";

    @Override
    public String[] getVersion() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(PROPERTIES)) {
            if (in != null) {
                properties.load(in);
            }
        }
        return new String[] {"anabranch " + properties.getProperty("version", "(not packaged)")};
    }
}
