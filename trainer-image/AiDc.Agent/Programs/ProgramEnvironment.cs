using System.Globalization;

namespace AiDc.Agent.Programs;

/// <summary>A generation as this pod's programs are told of it.</summary>
/// <param name="Position">This pod's place among the members.</param>
/// <param name="Members">Pods.</param>
/// <param name="Processes">Of each pod.</param>
/// <param name="MasterAddress">Where the store of this generation listens.</param>
/// <param name="OwnAddress">Of this pod.</param>
internal sealed record GenerationFacts(long Generation, int Position, int Members, int Processes, string MasterAddress, int MasterPort, string OwnAddress);

/// <summary>What programs find in their environment. Pure.</summary>
internal static class ProgramEnvironment
{
    public const string Generation = "AIDC_GENERATION";
    public const string Socket = "AIDC_AGENT_SOCKET";

    /// <summary>Of a program that is one rank: the names of torchrun.</summary>
    /// <param name="own">The agent's own environment, which all get.</param>
    /// <param name="run">A name of the run, which does not change with generations.</param>
    public static Dictionary<string, string> OfRank(
        IReadOnlyDictionary<string, string> own, GenerationFacts facts, int localRank, string run, string? socket)
    {
        var rank = (facts.Position * facts.Processes) + localRank;
        var world = facts.Members * facts.Processes;
        var variables = Common(own, facts, run, socket);
        variables["RANK"] = variables["ROLE_RANK"] = Text(rank);
        variables["LOCAL_RANK"] = Text(localRank);
        variables["WORLD_SIZE"] = variables["ROLE_WORLD_SIZE"] = Text(world);
        variables["LOCAL_WORLD_SIZE"] = variables["NPROC_PER_NODE"] = Text(facts.Processes);
        variables["GROUP_RANK"] = Text(facts.Position);
        variables["GROUP_WORLD_SIZE"] = Text(facts.Members);
        variables["ROLE_NAME"] = "default";
        // The store is the agent's: torch takes rank 0 for a client of it as well.
        variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
        variables["TORCHELASTIC_MAX_RESTARTS"] = "0";
        variables["TORCHELASTIC_RUN_ID"] = run;
        // As torchrun: several programs that each take all cores slow each other down.
        if (facts.Processes > 1)
            variables.TryAdd("OMP_NUM_THREADS", "1");
        return variables;
    }

    /// <summary>
    /// Of a launcher, which is started once a pod: options of torch.distributed.run by their variables, so that an argument of the command
    /// has the last word. Its rendezvous is the agent's store, and restarts are the agent's.
    /// </summary>
    public static Dictionary<string, string> OfLauncher(IReadOnlyDictionary<string, string> own, GenerationFacts facts, string run, string? socket)
    {
        var variables = Common(own, facts, run, socket);
        variables["RANK"] = variables["GROUP_RANK"] = variables["NODE_RANK"] = Text(facts.Position);
        variables["WORLD_SIZE"] = Text(facts.Members);
        variables["NPROC_PER_NODE"] = Text(facts.Processes);
        variables["PET_NNODES"] = Text(facts.Members);
        variables["PET_NPROC_PER_NODE"] = Text(facts.Processes);
        variables["PET_NODE_RANK"] = Text(facts.Position);
        variables["PET_RDZV_BACKEND"] = "c10d";
        variables["PET_RDZV_ENDPOINT"] = Endpoint(facts);
        variables["PET_RDZV_ID"] = $"{run}-{Text(facts.Generation)}";
        variables["PET_RDZV_CONF"] = "is_host=false";
        variables["PET_LOCAL_ADDR"] = facts.OwnAddress;
        variables["PET_MAX_RESTARTS"] = "0";
        return variables;
    }

    private static Dictionary<string, string> Common(IReadOnlyDictionary<string, string> own, GenerationFacts facts, string run, string? socket)
    {
        var variables = new Dictionary<string, string>(own, StringComparer.Ordinal)
        {
            ["MASTER_ADDR"] = facts.MasterAddress,
            ["MASTER_PORT"] = Text(facts.MasterPort),
            ["TORCHELASTIC_RESTART_COUNT"] = Text(facts.Generation - 1),
            [Generation] = Text(facts.Generation),
        };
        if (socket is not null)
            variables[Socket] = socket;
        // A program that hangs leaves its stacks when it is aborted.
        variables.TryAdd("PYTHONFAULTHANDLER", "1");
        return variables;
    }

    private static string Endpoint(GenerationFacts facts) =>
        facts.MasterAddress.Contains(':', StringComparison.Ordinal) ? $"[{facts.MasterAddress}]:{Text(facts.MasterPort)}" : $"{facts.MasterAddress}:{Text(facts.MasterPort)}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
