using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

public sealed class DataSplitTests
{
    [Test]
    public void Each_sample_is_on_one_side_and_each_class_gives_its_share([Values(0.1, 0.25, 0.5, 0.9)] double fraction)
    {
        var labels = Enumerable.Range(0, 1000).Select(i => (long)(i % 7 == 0 ? 0 : i % 3)).ToArray();
        var (train, validation) = DataSplit.Split(labels, fraction, 5);

        Assert.Multiple(() =>
        {
            Assert.That(train.Concat(validation).Order(), Is.EqualTo(Enumerable.Range(0, 1000)));
            Assert.That(validation, Has.Length.EqualTo((int)Math.Round(fraction * 1000)));
            foreach (var members in labels.GroupBy(l => l))
                Assert.That(validation.Count(i => labels[i] == members.Key), Is.EqualTo(fraction * members.Count()).Within(1));
        });
    }

    [Test]
    public void The_seed_determines_the_split()
    {
        var labels = new long[100];
        Assert.Multiple(() =>
        {
            Assert.That(DataSplit.Split(labels, 0.3, 1).Validation, Is.EqualTo(DataSplit.Split(labels, 0.3, 1).Validation));
            Assert.That(DataSplit.Split(labels, 0.3, 1).Validation, Is.Not.EqualTo(DataSplit.Split(labels, 0.3, 2).Validation));
        });
    }

    [Test]
    public void Zero_holds_nothing_back() => Assert.That(DataSplit.Split([0, 1, 2], 0, 1).Train, Is.EqualTo(new[] { 0, 1, 2 }));

    [Test]
    public void A_tiny_share_holds_one_sample_back() => Assert.That(DataSplit.Split([0, 0, 0], 0.01, 1).Validation, Has.Length.EqualTo(1));

    [Test]
    public void The_last_sample_of_a_class_stays_to_train_on()
    {
        var (train, validation) = DataSplit.Split([0, 1, 1, 2, 2, 2], 0.9, 1);
        Assert.That((train.Length, validation.Length), Is.EqualTo((3, 3)));
    }

    [TestCase(-0.1)]
    [TestCase(1)]
    [TestCase(double.NaN)]
    public void A_share_outside_of_zero_to_one_is_refused(double fraction) =>
        Assert.That(() => DataSplit.Split([0, 1], fraction, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
}
