using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Who is let in, and in which order.</summary>
internal sealed class AdmissionGateTests
{
    [Test]
    public async Task Who_waits_is_let_in_in_the_order_of_arrival_and_one_too_many_is_refused()
    {
        var gate = new AdmissionGate(concurrency: 1, queue: 3);
        await gate.EnterAsync(default);
        var waiting = Enumerable.Range(0, 3).Select(_ => gate.EnterAsync(default)).ToArray();
        Assert.That((gate.Inside, gate.Waiting), Is.EqualTo((1, 3)));
        Assert.That(() => { _ = gate.EnterAsync(default); }, Throws.TypeOf<ServingException>().With.Property("Error").EqualTo(ServingError.Busy));
        Assert.That(gate.CheckRoom, Throws.TypeOf<ServingException>());
        foreach (var next in waiting)
        {
            Assert.That(next.IsCompleted, Is.False);
            gate.Leave();
            await next;
        }

        gate.Leave();
        Assert.That((gate.Inside, gate.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Who_gives_up_gives_its_place_in_the_queue_to_another()
    {
        var gate = new AdmissionGate(concurrency: 1, queue: 1);
        await gate.EnterAsync(default);
        using var impatience = new CancellationTokenSource();
        var first = gate.EnterAsync(impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThatAsync(() => first, Throws.InstanceOf<OperationCanceledException>());
        var second = gate.EnterAsync(default);
        gate.Leave();
        await second;
    }

    [Test]
    public async Task A_closed_gate_lets_those_who_wait_in_and_no_other_and_says_when_all_have_left()
    {
        var gate = new AdmissionGate(concurrency: 1, queue: 1);
        await gate.EnterAsync(default);
        var waiting = gate.EnterAsync(default);
        var closed = gate.CloseAsync();
        Assert.That(() => { _ = gate.EnterAsync(default); }, Throws.TypeOf<ServingException>().With.Property("Error").EqualTo(ServingError.Unavailable));
        gate.Leave();
        await waiting;
        Assert.That(closed.IsCompleted, Is.False);
        gate.Leave();
        await closed;
    }

    [TestCase(31)]
    public async Task Whatever_order_things_happen_in_no_more_than_allowed_are_inside_and_no_place_is_lost(int seed)
    {
        var gate = new AdmissionGate(concurrency: 3, queue: 1000);
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(async () =>
        {
            var random = new Random(seed + t);
            for (var i = 0; i < 500; i++)
            {
                using var impatience = new CancellationTokenSource();
                if (random.Next(3) == 0) impatience.CancelAfter(TimeSpan.FromMicroseconds(random.Next(300)));
                try
                {
                    await gate.EnterAsync(impatience.Token);
                }
                catch (OperationCanceledException)
                {
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                if (now > Volatile.Read(ref most)) Volatile.Write(ref most, now);
                if (random.Next(2) == 0) await Task.Yield();
                Interlocked.Decrement(ref inside);
                gate.Leave();
            }
        })));
        Assert.That(most, Is.LessThanOrEqualTo(3));
        Assert.That((gate.Inside, gate.Waiting), Is.EqualTo((0, 0)));
    }
}
