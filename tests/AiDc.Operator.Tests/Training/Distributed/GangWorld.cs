using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Membership;
using AiDc.Operator.Pods;

namespace AiDc.Operator.Tests.Training.Distributed;

/// <summary>A distributed gang in memory: the world of pods, and workers that keep to the protocol as long as the test lets them.</summary>
internal sealed class GangWorld
{
    private readonly SimulatedWorkers workers = new();
    private (long Generation, TimeSpan At)? announced;
    private TimeSpan? lastAdvance;
    private string? writer;
    private readonly HashSet<string> hanging = [];
    public GangWorld(int replicas, int? min = null, Func<TrainingJobSpec, TrainingJobSpec>? spec = null)
    {
        World = new(Given.BuiltIn(s =>
        {
            var made = s with { Workers = new() { Replicas = replicas, Min = min } };
            return spec is null ? made : spec(made);
        }))
        {
            Gang = Sessions,
            Announced = Hear,
        };
    }

    public World World { get; }

    public TrainingJobStatus Status => World.Status;

    public long Step => workers.All.Where(m => m.Standing.InGroup).Select(m => m.Standing.CommittedStep).DefaultIfEmpty(-1).Max();

    public IEnumerable<int> Training => workers.All.Where(m => m.Standing.InGroup && m.IsAlive).Select(m => m.Index).Order();

    /// <summary>All pods run, the first group forms and makes some steps.</summary>
    public GangWorld Start()
    {
        World.Settle();
        return Run().Steps(10);
    }

    /// <summary>Pods that wait start, their workers prepare, whoever is told does as the protocol says.</summary>
    public GangWorld Run()
    {
        World.RunAllNow();
        return Live();
    }

    /// <summary>The living speak; then there is nothing left to decide.</summary>
    public GangWorld Live()
    {
        for (var i = 0; i < 3; i++)
        {
            foreach (var pod in World.Pods.Where(p => p.Phase == PodPhase.Running && !p.IsBeingDeleted && p.Attempt == Status.Attempt))
                workers.Hello(pod.Index, pod.Attempt, pod.Uid, Monotonic, !hanging.Contains(pod.Uid));
            foreach (var member in workers.All.Where(m => m.IsAlive))
            {
                member.LastHeard = Monotonic;
                member.Leaving |= World.Pods.FirstOrDefault(p => p.Uid == member.Uid) is { IsBeingDeleted: true };
            }
            World.Settle();
        }
        return this;
    }

    /// <summary>Steps pass in the group that there is, a second in all.</summary>
    public GangWorld Steps(int count)
    {
        workers.Steps(count);
        lastAdvance = Monotonic + TimeSpan.FromMilliseconds(1);
        World.Progress = new(new("team", "digits", "job-uid"), Status.Attempt)
        {
            Training = new() { Step = Step, StepDone = true, UpdatedAt = World.Now },
            FirstStepAt = World.Progress?.FirstStepAt ?? World.Now,
            AdvancedAt = World.Now,
            LastHeardAt = World.Now,
            Phase = TrainerPhase.Training,
        };
        return Wait(1);
    }

    /// <summary>Time passes in which those alive speak, and make no step.</summary>
    public GangWorld Wait(double seconds)
    {
        for (var end = World.Now.AddSeconds(seconds); World.Now < end;)
        {
            var left = (end - World.Now).TotalSeconds;
            World.Sleep(TimeSpan.FromSeconds(Math.Min(0.5, left)));
            Live();
        }
        return this;
    }

    /// <summary>A worker is heard no more; its connection stays, as of a node that lost its power.</summary>
    public GangWorld Silence(int index)
    {
        Of(index).IsAlive = false;
        return this;
    }

    /// <summary>The newest pod of a worker, which has not spoken yet, will never be ready to train.</summary>
    public GangWorld Hang(int index)
    {
        hanging.Add(World.Newest(index).Uid);
        return this;
    }

    /// <summary>A long time in which steps are made.</summary>
    public GangWorld Train(int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            World.Sleep(TimeSpan.FromMinutes(1));
            Steps(1);
        }
        return this;
    }

    /// <summary>A process ends: its connection closes at once, its kubelet has not spoken yet.</summary>
    public GangWorld Crash(int index)
    {
        var member = Of(index);
        member.IsAlive = false;
        member.ClosedAt = Monotonic;
        return this;
    }

    public SimulatedWorkers.Worker Of(int index) => workers.Of(World.Newest(index).Uid);

    private TimeSpan Monotonic => World.Now - Given.Now + TimeSpan.FromHours(1);

    private void Hear(MembershipDecision decision)
    {
        var told = decision.Membership!;
        announced = (told.Generation, Monotonic);
        writer = told.IsHold ? decision.Writer : null;
        workers.Hear(decision);
    }

    private GangSessions Sessions() => new()
    {
        Now = Monotonic,
        LastAdvance = lastAdvance,
        Announced = announced,
        HoldWriter = writer,
        Members = workers.Sessions(Status.Attempt),
    };
}
