using AiDc.Api.V1Alpha1;
using AiDc.Operator.Tests.Training.Distributed;

namespace AiDc.Operator.Tests.Training;

/// <summary>What runs goes on as it was started while the present spec is invalid.</summary>
public sealed class InvalidEditTests
{
    [Test]
    public void An_invalid_edit_does_not_shrink_a_distributed_gang()
    {
        var gang = new GangWorld(4, min: 2).Start();

        gang.World.Edit(s => s with { Workers = new() { Replicas = 2, Min = 3 } });
        gang.Live();

        Assert.That(gang.World.Pods, Has.Count.EqualTo(4).And.All.Property("IsBeingDeleted").False);
        Assert.That((gang.Status.Workers!.Desired, gang.Status.Membership!.Generation), Is.EqualTo((4, 1L)));
        Assert.That(gang.Status.Message, Does.Contain("the present one is invalid"));
        Assert.That(gang.Training, Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void A_minimum_that_is_invalid_holds_nobody()
    {
        var gang = new GangWorld(4, min: 2).Start();

        gang.World.Edit(s => s with { Workers = new() { Replicas = 4, Min = 900, Max = 5 } });
        gang.Live();

        Assert.That((gang.Status.Membership!.Hold, gang.Status.Phase), Is.EqualTo(((string?)null, TrainingJobPhase.Running)));
    }

    [Test]
    public void An_edit_that_takes_the_trainer_away_leaves_the_gang_what_it_is()
    {
        var gang = new GangWorld(3).Start();

        gang.World.Edit(s => s with { Trainer = null });
        gang.Live().Steps(2);

        Assert.That((gang.Status.Phase, gang.Status.Attempt, gang.World.Pods.Count), Is.EqualTo((TrainingJobPhase.Running, 1, 3)));
    }

    [Test]
    public void A_gang_that_starts_is_not_taken_for_whole_because_of_an_invalid_edit()
    {
        var world = new World(Given.Job(3)).Settle();

        world.Edit(s => s with { Workers = s.Workers with { Replicas = 1, Min = 2 } }).RunAll();

        Assert.That(world.Status.Workers!.Desired, Is.EqualTo(3));
    }

    [Test]
    public void The_valid_spec_counts_again_once_it_is_there()
    {
        var gang = new GangWorld(4, min: 2).Start();
        gang.World.Edit(s => s with { Workers = new() { Replicas = 2, Min = 3 } });

        gang.World.Edit(s => s with { Workers = new() { Replicas = 3, Min = 2 } });
        gang.Run();

        Assert.That(gang.Status.Workers!.Desired, Is.EqualTo(3));
        Assert.That(gang.World.Pods.Count(p => !p.IsBeingDeleted), Is.EqualTo(3));
    }
}
