using AiDc.Agent.Programs;

namespace AiDc.Agent.Tests.Programs;

public sealed class ProgramEnvironmentTests
{
    private static readonly GenerationFacts Facts = new(7, Position: 1, Members: 3, Processes: 2, "10.0.0.4", 41000, "10.0.0.5");

    [Test]
    public void A_rank_finds_its_place_and_the_store_as_torchrun_would_have_said_them()
    {
        var e = ProgramEnvironment.OfRank(new Dictionary<string, string> { ["PATH"] = "/bin", ["RANK"] = "9" }, Facts, 1, "ns-job", "/run/a.sock");

        Assert.That(
            ((string[])["PATH", "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "GROUP_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT",
                "NPROC_PER_NODE", "TORCHELASTIC_RESTART_COUNT", "TORCHELASTIC_USE_AGENT_STORE", "AIDC_GENERATION", "AIDC_AGENT_SOCKET", "PYTHONFAULTHANDLER"]).Select(n => e[n]),
            Is.EqualTo((string[])["/bin", "3", "1", "6", "2", "1", "3", "10.0.0.4", "41000", "2", "6", "True", "7", "/run/a.sock", "1"]));
    }

    [Test]
    public void What_the_user_has_set_for_threads_and_stacks_stays()
    {
        var e = ProgramEnvironment.OfRank(new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "8", ["PYTHONFAULTHANDLER"] = "0" }, Facts, 0, "r", null);

        Assert.That((e["OMP_NUM_THREADS"], e["PYTHONFAULTHANDLER"]), Is.EqualTo(("8", "0")));
    }

    [Test]
    public void A_launcher_meets_the_others_at_the_agents_store_and_a_new_generation_is_a_new_rendezvous()
    {
        var e = ProgramEnvironment.OfLauncher(new Dictionary<string, string>(), Facts, "ns-job", null);

        Assert.That(
            ((string[])["PET_NNODES", "PET_NPROC_PER_NODE", "PET_NODE_RANK", "PET_RDZV_BACKEND", "PET_RDZV_ENDPOINT", "PET_RDZV_ID", "PET_RDZV_CONF", "PET_MAX_RESTARTS"]).Select(n => e[n]),
            Is.EqualTo((string[])["3", "2", "1", "c10d", "10.0.0.4:41000", "ns-job-7", "is_host=false", "0"]));
    }
}
