// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Where the window is. The launcher starts it itself, from a module that servers do not carry; whoever comes here started
 * the command line in another way.
 */
@Command(name = "desktop", description = "The lab in a window: replicas side by side, links to cut, merges to watch.")
final class DesktopCommand implements Callable<Integer> {
    @Parameters(hidden = true, arity = "0..*")
    private List<String> ignored = List.of();

    @Override
    public Integer call() {
        throw new Failure("the window is not part of this program: run './anabranch desktop' in the project's source"
                + " folder, which builds it if need be");
    }
}
