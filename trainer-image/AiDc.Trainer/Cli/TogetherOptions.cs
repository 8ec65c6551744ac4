namespace AiDc.Trainer.Cli;

/// <summary>How the command line asks a process to train together with others.</summary>
/// <param name="LocalRank">Of a process that the pod's first one has started; null for a first one.</param>
internal sealed record TogetherOptions(bool Enabled, int Processes, string? Rendezvous, int? LocalRank)
{
    /// <summary>A leader says who trains together, over this process's stream.</summary>
    public bool HasLeader => Enabled && Rendezvous is null && LocalRank is null;

    /// <summary>This process starts others.</summary>
    public bool HasOthers => HasLeader && Processes > 1;

    /// <summary>What one of the pod's processes may use of the pod's threads.</summary>
    public int ThreadsOf(int threads) => LocalRank is null && HasOthers ? Math.Max(1, threads / Processes) : threads;

    /// <exception cref="ConfigurationException">Options contradict each other.</exception>
    public void Validate()
    {
        if (Processes < 1) throw new ConfigurationException($"--processes {Processes}: use at least 1");
        if (Processes > 1 && !Enabled) throw new ConfigurationException($"--processes {Processes} needs --distributed: add it");
        if (Rendezvous is not null && !Enabled) throw new ConfigurationException("--rendezvous needs --distributed: add it");
        if (Rendezvous is not null && Processes > 1)
            throw new ConfigurationException($"--rendezvous does not start other processes: leave --processes {Processes} out, and start {Processes} times with RANK set");
    }
}
