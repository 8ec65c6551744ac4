using System.Diagnostics;
using System.Security.Cryptography;
using AiDc.Trainer.Cli;
using AiDc.Trainer.Distributed.Local;

#pragma warning disable RS0030 // The edge of the process: here, and only here, the console and the clock come from the system.
using var process = Process.GetCurrentProcess();
var context = new CommandContext(
    Console.Out,
    Console.Error,
    IsTerminal: !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
    name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
    TimeProvider.System,
    ProcessStart: process.StartTime.ToUniversalTime(),
    NewUid: () => RandomNumberGenerator.GetHexString(8, lowercase: true))
{
    In = Console.In,
    ClaimOut = ProtocolOutput.Claim,
};
#pragma warning restore RS0030
return CommandLine.Run(args, context);
