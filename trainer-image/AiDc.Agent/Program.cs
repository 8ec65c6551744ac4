using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using AiDc.Agent.Hosting;
using AiDc.Agent.Programs;
using AiDc.Api;
using AiDc.Coordination;

namespace AiDc.Agent;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
#pragma warning disable RS0030 // The process's own output is given to everything from here.
        var log = new OutputSink(Console.OpenStandardOutput(), Console.OpenStandardError());
#pragma warning restore RS0030
        try
        {
            return await RunAsync(arguments, log);
        }
        catch (AgentOptionsException e)
        {
            log.Say(e.Message);
            return ExitCodes.Configuration;
        }
    }

    private static async Task<int> RunAsync(string[] arguments, OutputSink log)
    {
        Func<string, string?> variable = Environment.GetEnvironmentVariable;
        var options = AgentOptions.Parse(arguments, variable);
        var settings = CoordinatorSettings.FromEnvironment(variable);
        var time = TimeProvider.System;
        // Spreads out the workers of a lost leader, and needs to be different in each.
        var seed = new Random(HashCode.Combine(Environment.ProcessId, Environment.MachineName, time.GetTimestamp()));
        var identity = settings is null
            ? new GangIdentity(0, null)
            : new GangIdentity(settings.WorkerIndex, PodIdentity.Uid(variable, settings.TokenFile));
        IGang gang = settings is null ? new SoloGang() : new OperatorGang(settings, time, seed.NextDouble, log.Say);
        var socketFile = Path.Combine(options.Folder, string.Create(CultureInfo.InvariantCulture, $"aidc-agent-{Environment.ProcessId}.sock"));
        var programs = new AgentPrograms(Variables(), settings?.Job.Replace('/', '-') ?? "aidc", socketFile, log, time);
        await using var agent = new AgentHost(options, identity, gang, GangStore.OwnAddress(variable), programs, log, time);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        return await agent.RunAsync();

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            agent.AskToEnd();
        }
    }

    private static Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}
