using AiDc.Trainer.Serving.Batching;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>Which requests the model computes together, and when. The time is a number.</summary>
internal sealed class BatchQueueTests
{
    [Test]
    public void Requests_of_one_shape_go_together_up_to_a_full_batch()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        foreach (var rows in new[] { 1, 2, 1, 3 }) queue.Add(Work(rows, 0));
        var batch = queue.Take(0, othersComing: true, out _)!;
        Assert.That(batch.Slices.Select(s => s.Count), Is.EqualTo(new[] { 1, 2, 1 }));
        Assert.That(batch.Rows, Is.EqualTo(4));
        Assert.That(queue.Waiting, Is.EqualTo(1));
    }

    [Test]
    public void What_is_not_full_waits_for_those_who_are_coming_but_not_for_longer_than_it_may()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        queue.Add(Work(1, 10));
        Assert.That(queue.Take(50, othersComing: true, out var dueAt), Is.Null);
        Assert.That(dueAt, Is.EqualTo(110));
        Assert.That(queue.Take(110, othersComing: true, out _), Is.Not.Null);
        Assert.That(queue.Take(111, othersComing: true, out dueAt), Is.Null);
        Assert.That(dueAt, Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void Nobody_waits_when_nobody_is_coming()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        queue.Add(Work(1, 10));
        Assert.That(queue.Take(10, othersComing: false, out _)!.Rows, Is.EqualTo(1));
    }

    [Test]
    public void Requests_of_other_shapes_are_not_joined_and_the_oldest_is_first()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        queue.Add(Work(1, 1, columns: 3));
        queue.Add(Work(1, 2, columns: 5));
        queue.Add(Work(1, 3, columns: 3));
        Assert.That(Columns(queue.Take(10, othersComing: false, out _)!), Is.EqualTo(new[] { 3L, 3L }));
        Assert.That(Columns(queue.Take(10, othersComing: false, out _)!), Is.EqualTo(new[] { 5L }));
        Assert.That(queue.Take(10, othersComing: false, out _), Is.Null);
    }

    [Test]
    public void A_full_batch_does_not_wait_behind_one_that_may_still_grow()
    {
        var queue = new BatchQueue(maxRows: 2, maxWait: 100);
        queue.Add(Work(1, 1, columns: 3));
        queue.Add(Work(2, 2, columns: 5));
        Assert.That(Columns(queue.Take(10, othersComing: true, out _)!), Is.EqualTo(new[] { 5L }));
        Assert.That(queue.Take(10, othersComing: true, out var dueAt), Is.Null);
        Assert.That(dueAt, Is.EqualTo(101));
    }

    [Test]
    public void No_shape_starves_another_however_many_of_it_come()
    {
        var queue = new BatchQueue(maxRows: 2, maxWait: 100);
        queue.Add(Work(1, 0, columns: 5));
        var time = 1;
        for (var i = 0; i < 10; i++) queue.Add(Work(1, time++));
        Assert.That(Columns(queue.Take(time, othersComing: false, out _)!), Is.EqualTo(new[] { 5L }));
        queue.Add(Work(1, time++, columns: 5));
        var turn = 0;
        while (Columns(queue.Take(time++, othersComing: false, out _)!)[0] != 5)
        {
            for (var i = 0; i < 2; i++) queue.Add(Work(1, time++));
            turn++;
        }

        Assert.That(turn, Is.EqualTo(5), "the ten that were there before go first, two at a time, and none that came later");
    }

    [Test]
    public void A_request_larger_than_a_batch_is_computed_in_parts_between_which_others_have_their_turn()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        var large = Work(10, 0);
        var other = Work(1, 1, columns: 5);
        queue.Add(large);
        queue.Add(other);
        Assert.That(Slices(queue.Take(2, othersComing: true, out _)!), Is.EqualTo(new[] { (large, 0, 4) }));
        Assert.That(Slices(queue.Take(3, othersComing: false, out _)!), Is.EqualTo(new[] { (other, 0, 1) }));
        Assert.That(Slices(queue.Take(4, othersComing: true, out _)!), Is.EqualTo(new[] { (large, 4, 4) }));
        var late = Work(1, 5);
        queue.Add(late);
        Assert.That(Slices(queue.Take(6, othersComing: false, out _)!), Is.EqualTo(new[] { (large, 8, 2), (late, 0, 1) }));
        Assert.That(queue.Waiting, Is.Zero);
    }

    [Test]
    public void A_request_that_does_not_fit_any_more_is_not_cut()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        var (first, second) = (Work(3, 0), Work(3, 1));
        queue.Add(first);
        queue.Add(second);
        Assert.That(Slices(queue.Take(2, othersComing: true, out _)!), Is.EqualTo(new[] { (first, 0, 3) }));
        Assert.That(Slices(queue.Take(2, othersComing: false, out _)!), Is.EqualTo(new[] { (second, 0, 3) }));
    }

    [Test]
    public void What_is_taken_out_is_not_computed()
    {
        var queue = new BatchQueue(maxRows: 4, maxWait: 100);
        var (first, second) = (Work(1, 0), Work(1, 1));
        queue.Add(first);
        queue.Add(second);
        Assert.That(queue.Remove(first), Is.True);
        Assert.That(queue.Remove(first), Is.False);
        Assert.That(queue.Waiting, Is.EqualTo(1));
        Assert.That(Slices(queue.Take(2, othersComing: false, out _)!), Is.EqualTo(new[] { (second, 0, 1) }));
        Assert.That(queue.Remove(second), Is.False, "it is being computed");
    }

    [Test]
    public void A_model_that_does_not_join_gets_each_request_by_itself_and_whole()
    {
        var queue = new BatchQueue(maxRows: 0, maxWait: 100);
        queue.Add(Work(7, 0));
        queue.Add(Work(7, 1));
        Assert.That(queue.Take(2, othersComing: true, out _)!.Rows, Is.EqualTo(7));
        Assert.That(queue.Take(2, othersComing: true, out _)!.Rows, Is.EqualTo(7));
        Assert.That(queue.Waiting, Is.Zero);
    }

    private static InferenceWork Work(int rows, long arrived, int columns = 3) => new([Tensors.Floats("x", [rows, columns], new float[rows * columns])], rows, arrived);

    private static (InferenceWork Work, int From, int Count)[] Slices(Batch batch) => [.. batch.Slices.Select(s => (s.Work, s.From, s.Count))];

    private static long[] Columns(Batch batch) => [.. batch.Slices.Select(s => s.Work.Inputs[0].Shape[1])];
}
