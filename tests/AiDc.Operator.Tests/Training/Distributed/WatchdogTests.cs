using System.Collections.Immutable;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Coordination;

namespace AiDc.Operator.Tests.Training.Distributed;

/// <summary>What is found out about a training that runs: that it makes no steps, or that one worker holds the others up.</summary>
public sealed class WatchdogTests
{
    [Test]
    public void A_gang_that_makes_no_step_forms_anew_from_memory_and_then_from_its_checkpoint()
    {
        var gang = new GangWorld(2).Start();

        gang.Wait(298);
        Assert.That(gang.Status.Membership!.Generation, Is.EqualTo(1));
        gang.Wait(3);
        Assert.That((gang.Status.Membership!.Generation, gang.Status.Attempt), Is.EqualTo((2L, 1)));
        Assert.That(gang.Status.LastFailure, Has.Property("Reason").EqualTo(Reasons.Stalled).And.Property("Message").Contains("no step after step 10"));
        Assert.That(gang.Training, Is.EqualTo(new[] { 0, 1 }));

        gang.Wait(302);
        Assert.That((gang.Status.Attempt, gang.Status.CountedRestarts, gang.Status.LastFailure!.Reason), Is.EqualTo((2, 1, Reasons.Stalled)));
    }

    [Test]
    public void A_gang_that_goes_on_after_it_was_formed_anew_has_recovered()
    {
        var gang = new GangWorld(2).Start().Wait(301).Steps(1);

        Assert.That((gang.Status.Attempt, gang.Status.Phase, gang.Status.LastFailure!.LostSteps), Is.EqualTo((1, TrainingJobPhase.Running, (long?)0)));
        Assert.That(gang.Status.LastFailure.ResumedAt, Is.Not.Null);
    }

    [TestCase(TrainerPhase.Validating)]
    [TestCase(TrainerPhase.Loading)]
    public void No_steps_are_expected_while_it_validates_or_loads(TrainerPhase phase)
    {
        var gang = new GangWorld(2).Start();

        gang.World.Progress = gang.World.Progress! with { Phase = phase };
        gang.Wait(310);

        Assert.That(gang.Status.Membership!.Generation, Is.EqualTo(1));
    }

    [Test]
    public void A_single_worker_that_stalls_starts_again_from_its_checkpoint_and_that_counts()
    {
        var world = new World(Given.BuiltIn()).Settle().RunAll();
        world.Progress = new(new("team", "digits", "job-uid"), 1)
        {
            Training = new() { Step = 7, StepDone = true, UpdatedAt = Given.Now },
            FirstStepAt = Given.Now,
            AdvancedAt = Given.Now,
            Phase = TrainerPhase.Training,
        };

        world.Pass(TimeSpan.FromMinutes(4.9));
        Assert.That(world.Status.Attempt, Is.EqualTo(1));
        world.Pass(TimeSpan.FromMinutes(0.2));

        Assert.That((world.Status.Attempt, world.Status.CountedRestarts, world.Status.LastFailure!.Reason, world.Status.LastFailure.Step), Is.EqualTo((2, 1, Reasons.Stalled, (long?)7)));
    }

    [TestCase(TrainerPhase.Loading)]
    [TestCase(TrainerPhase.Training)]
    public void A_single_worker_that_hangs_before_its_first_step_starts_again(TrainerPhase phase)
    {
        var world = new World(Given.BuiltIn()).Settle().RunAll();
        world.Progress = new(new("team", "digits", "job-uid"), 1) { ChangedAt = Given.Now, LastHeardAt = Given.Now, Phase = phase };

        world.Pass(TimeSpan.FromMinutes(59));
        Assert.That(world.Status.Attempt, Is.EqualTo(1));
        world.Pass(TimeSpan.FromMinutes(2));

        Assert.That((world.Status.Attempt, world.Status.LastFailure!.Reason), Is.EqualTo((2, Reasons.Stalled)));
        Assert.That(world.Status.LastFailure.Message, Is.EqualTo($"nothing new in phase {phase} for spec.failure.stalledPhaseAfter (1h); last heard of 3660 s ago"));
    }

    [TestCase(TrainerPhase.Validating)]
    [TestCase(TrainerPhase.Testing)]
    public void A_gang_that_hangs_while_it_validates_or_tests_forms_anew(TrainerPhase phase)
    {
        var gang = new GangWorld(2, spec: s => s with { Failure = s.Failure with { StalledPhaseAfter = "20m" } }).Start();

        gang.World.Progress = gang.World.Progress! with { Phase = phase, ChangedAt = gang.World.Now };
        gang.Wait(1190);
        Assert.That(gang.Status.Membership!.Generation, Is.EqualTo(1));
        gang.Wait(15);

        Assert.That((gang.Status.Membership!.Generation, gang.Status.LastFailure!.Reason), Is.EqualTo((2L, Reasons.Stalled)));
    }

    [Test]
    public void While_data_is_read_and_more_of_it_is_heard_of_nobody_hangs()
    {
        var world = new World(Given.BuiltIn()).Settle().RunAll();
        world.Progress = new(new("team", "digits", "job-uid"), 1) { ChangedAt = Given.Now, LastHeardAt = Given.Now, Phase = TrainerPhase.Loading };

        world.Sleep(TimeSpan.FromMinutes(50));
        world.Progress = world.Progress with { ChangedAt = world.Now };
        world.Pass(TimeSpan.FromMinutes(50));

        Assert.That(world.Status.Attempt, Is.EqualTo(1));
    }

    [Test]
    public void An_image_of_one_s_own_that_reports_no_steps_is_let_be()
    {
        var world = new World(Given.Job(1)).Settle().RunAll();
        world.Progress = new(new("team", "digits", "job-uid"), 1) { ChangedAt = Given.Now, LastHeardAt = Given.Now, Training = new() { Epoch = 1, UpdatedAt = Given.Now } };

        world.Pass(TimeSpan.FromHours(9));
        Assert.That(world.Status.Attempt, Is.EqualTo(1));
    }

    [Test]
    public void A_replacement_that_is_never_ready_to_train_is_replaced()
    {
        var gang = new GangWorld(3, min: 2).Start().Crash(2).Wait(1.2);
        gang.World.End(2, 1);
        gang.Wait(2).Hang(2).Run().Train(58);
        Assert.That(gang.World.Newest(2).Incarnation, Is.EqualTo(1));

        gang.Train(2);
        Assert.That(gang.World.Newest(2).Incarnation, Is.EqualTo(2));
        Assert.That(gang.Status.Replacements!.Single(r => r.Index == 2).Reason, Is.EqualTo(Reasons.Stalled));
        Assert.That(gang.Training, Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void A_persistent_straggler_is_named_with_its_slowdown_and_a_moment_s_slowness_is_not()
    {
        var gang = new GangWorld(4).Start();
        Slow(gang, 0.3);
        Assert.That(Condition(gang), Is.EqualTo("Unknown"), "suspected");

        gang.Wait(10);
        Slow(gang, 0.1);
        Assert.That(Condition(gang), Is.EqualTo("False"));

        Slow(gang, 0.3);
        gang.Wait(31);
        Assert.That(ConditionHelper.Find(gang.Status.Conditions, ConditionTypes.Straggler), Has.Property("Status").EqualTo("True")
            .And.Property("Message").StartsWith("worker 2 on node node-2 computes 3.0 times as long as its peers"));

        Slow(gang, 0.1);
        Assert.That(Condition(gang), Is.EqualTo("False"));
    }

    [Test]
    public void Equal_workers_are_no_condition_at_all()
    {
        var gang = new GangWorld(4).Start();
        Slow(gang, 0.14);

        Assert.That(Condition(gang), Is.Null);
    }

    private static void Slow(GangWorld gang, double seconds)
    {
        gang.World.Progress = gang.World.Progress! with
        {
            AdvancedAt = gang.World.Now,
            ComputeSeconds = ImmutableSortedDictionary.CreateRange(new Dictionary<int, double> { [0] = 0.1, [1] = 0.1, [2] = seconds, [3] = 0.11 }),
        };
        gang.World.Settle();
    }

    private static string? Condition(GangWorld gang) => ConditionHelper.Find(gang.Status.Conditions, ConditionTypes.Straggler)?.Status;
}
