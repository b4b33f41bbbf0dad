//! Days off: which days are no working days (ngày làm việc) in Vietnam.
//!
//! Saturdays and Sundays, and the holidays of article 112 of the Labour Code (Bộ luật Lao động số
//! 45/2019/QH14): 1 January, the Lunar New Year (Tết), the Hùng Kings' day (Giỗ Tổ, 10/3 of the lunar
//! calendar), 30 April, 1 May, 2 September and one day beside it. A holiday on a weekend is made up for
//! on the next working day (article 111). Which five days are Tết's, which side of 2 September is free
//! and which days are swapped is set anew every year by decision: a count that touches such days is not
//! made up, it is refused. The lunar calendar is computed for the meridian of 105° east (UTC+7) from the
//! mean elements and periodic terms of J. Meeus, Astronomical Algorithms, chapters 25 and 49.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Julian day of noon, 1 January 2000, and that date.
const J2000: f64 = 2_451_545.0;

/// The years for which the computation was held against published calendars.
const YEARS: std::ops::RangeInclusive<i16> = 1960..=2100;

/// Adds `count` working days to `from`, which itself is not counted. None where a day in between is free
/// or not by a decision that is not known.
pub fn add_working_days(from: Date, count: i32) -> Option<Date> {
    if !(0..=400).contains(&count) {
        return None;
    }
    let mut day = from;
    let mut left = count;
    while left > 0 {
        day = day.tomorrow().ok()?;
        if is_working_day(day)? {
            left -= 1;
        }
    }
    Some(day)
}

/// Whether people work on the day; none where a decision of the year says so.
pub fn is_working_day(day: Date) -> Option<bool> {
    if is_weekend(day) {
        return Some(false);
    }
    if !YEARS.contains(&day.year()) || is_set_by_decision(day)? {
        return None;
    }
    if is_holiday(day)? {
        return Some(false);
    }
    // A holiday on a weekend is owed, and paid back on the next working days.
    let mut owed = 0;
    let mut at = day.checked_sub(10.days()).ok()?;
    while at < day {
        match (is_weekend(at), is_holiday(at)?) {
            (true, true) => owed += 1,
            (false, false) if owed > 0 => owed -= 1,
            _ => {}
        }
        at = at.tomorrow().ok()?;
    }
    Some(owed == 0)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Fixed holidays and the Hùng Kings' day.
fn is_holiday(day: Date) -> Option<bool> {
    Some(matches!((day.month(), day.day()), (1 | 5, 1) | (4, 30) | (9, 2)) || day == hung_kings(day.year())?)
}

/// The days around Tết and 2 September of which a decision says every year which are free.
fn is_set_by_decision(day: Date) -> Option<bool> {
    let tet = new_year(day.year())?;
    let around_tet = (tet.checked_sub(3.days()).ok()?..=tet.checked_add(7.days()).ok()?).contains(&day);
    Some(around_tet || matches!((day.month(), day.day()), (9, 1 | 3)))
}

/// The first day of the lunar year that begins in `year` (Tết Nguyên đán).
pub fn new_year(year: i16) -> Option<Date> {
    lunar_month_start(year, 1)
}

/// The tenth of the third lunar month of `year` (Giỗ Tổ Hùng Vương).
pub fn hung_kings(year: i16) -> Option<Date> {
    lunar_month_start(year, 3)?.checked_add(9.days()).ok()
}

/// The first day of a lunar month, one of the first nine, of the lunar year that begins in `year`.
fn lunar_month_start(year: i16, month: i64) -> Option<Date> {
    // Month 11 holds the winter solstice; a year of thirteen moons doubles its first month without a
    // major term of the sun.
    let eleventh = moon_of_solstice(year - 1);
    let leap = if moon_of_solstice(year) - eleventh == 13 {
        (1..13).find(|index| sector(eleventh + index) == sector(eleventh + index + 1)).unwrap_or(13)
    } else {
        13
    };
    let index = month + 1;
    let index = if index >= leap { index + 1 } else { index };
    date_of(new_moon_day(eleventh + index))
}

/// The number of the new moon with which the month of the winter solstice of `year` begins.
fn moon_of_solstice(year: i16) -> i64 {
    // The solstice lies between 20 and 23 December.
    let first = day_number(year, 12, 19);
    let solstice = (first..first + 6).find(|day| sun_longitude(midnight(day + 1)) >= 270.0).unwrap_or(first + 2);
    let guess = ((solstice as f64 - 2_451_550.1) / 29.530_588_861).floor() as i64;
    (guess - 1..=guess + 2).rev().find(|moon| new_moon_day(*moon) <= solstice).unwrap_or(guess)
}

/// In which twelfth of its path the sun stands when the month of a new moon begins.
fn sector(moon: i64) -> i64 {
    (sun_longitude(midnight(new_moon_day(moon))) / 30.0).floor() as i64
}

/// The Julian day number of noon of a date.
fn day_number(year: i16, month: i8, day: i8) -> i64 {
    let base = jiff::civil::date(2000, 1, 1);
    let days =
        Date::new(year, month, day).ok().and_then(|date| base.until(date).ok()).map_or(0, |span| span.get_days());
    2_451_545 + i64::from(days)
}

fn date_of(day: i64) -> Option<Date> {
    jiff::civil::date(2000, 1, 1).checked_add((day - 2_451_545).days()).ok()
}

/// The moment when a day begins in Vietnam, as a Julian date.
fn midnight(day: i64) -> f64 {
    day as f64 - 0.5 - 7.0 / 24.0
}

/// The day in Vietnam on which a new moon falls, counted from that of 6 January 2000.
fn new_moon_day(moon: i64) -> i64 {
    (new_moon(moon as f64) + 0.5 + 7.0 / 24.0).floor() as i64
}

/// The moment of a new moon as a Julian date of universal time, to a minute or two.
fn new_moon(k: f64) -> f64 {
    let t = k / 1_236.85;
    let mean = 2_451_550.097_66 + 29.530_588_861 * k + 0.000_154_37 * t * t;
    let e = 1.0 - 0.002_516 * t;
    let sun = (2.5534 + 29.105_356_7 * k).to_radians();
    let moon = (201.5643 + 385.816_935_28 * k + 0.010_758_2 * t * t).to_radians();
    let node = (160.7108 + 390.670_502_84 * k - 0.001_611_8 * t * t).to_radians();
    let omega = (124.7746 - 1.563_755_88 * k).to_radians();
    let terms = -0.407_20 * moon.sin()
        + 0.172_41 * e * sun.sin()
        + 0.016_08 * (2.0 * moon).sin()
        + 0.010_39 * (2.0 * node).sin()
        + 0.007_39 * e * (moon - sun).sin()
        - 0.005_14 * e * (moon + sun).sin()
        + 0.002_08 * e * e * (2.0 * sun).sin()
        - 0.001_11 * (moon - 2.0 * node).sin()
        - 0.000_57 * (moon + 2.0 * node).sin()
        + 0.000_56 * e * (2.0 * moon + sun).sin()
        - 0.000_42 * (3.0 * moon).sin()
        + 0.000_42 * e * (sun + 2.0 * node).sin()
        + 0.000_38 * e * (sun - 2.0 * node).sin()
        - 0.000_24 * e * (2.0 * moon - sun).sin()
        - 0.000_17 * omega.sin();
    // Dynamical time runs about 70 seconds ahead in these years.
    mean + terms - 70.0 / 86_400.0
}

/// The apparent longitude of the sun in degrees, 0 to 360, to a hundredth.
fn sun_longitude(moment: f64) -> f64 {
    let t = (moment - J2000) / 36_525.0;
    let mean = 280.466_46 + 36_000.769_83 * t;
    let anomaly = (357.529_11 + 35_999.050_29 * t).to_radians();
    let centre = (1.914_602 - 0.004_817 * t) * anomaly.sin()
        + 0.019_993 * (2.0 * anomaly).sin()
        + 0.000_289 * (3.0 * anomaly).sin();
    let omega = (125.04 - 1_934.136 * t).to_radians();
    (mean + centre - 0.005_69 - 0.004_78 * omega.sin()).rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Published first days of the lunar year; 2007 and 2030 are a day before Beijing's, 1985 a month.
    #[test]
    fn lunar_new_years() {
        for (year, month, day) in [
            (1985, 1, 21),
            (2000, 2, 5),
            (2001, 1, 24),
            (2004, 1, 22),
            (2006, 1, 29),
            (2007, 2, 17),
            (2010, 2, 14),
            (2012, 1, 23),
            (2014, 1, 31),
            (2015, 2, 19),
            (2017, 1, 28),
            (2019, 2, 5),
            (2020, 1, 25),
            (2021, 2, 12),
            (2022, 2, 1),
            (2023, 1, 22),
            (2024, 2, 10),
            (2025, 1, 29),
            (2026, 2, 17),
            (2027, 2, 6),
            (2028, 1, 26),
            (2029, 2, 13),
            (2030, 2, 2),
        ] {
            assert_eq!(new_year(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn the_hung_kings_day() {
        for (year, month, day) in [
            (2019, 4, 14),
            (2020, 4, 2),
            (2021, 4, 21),
            (2022, 4, 10),
            (2023, 4, 29),
            (2024, 4, 18),
            (2025, 4, 7),
            (2026, 4, 26),
        ] {
            assert_eq!(hung_kings(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn working_days_are_counted_or_refused() {
        // A Thursday; the weekend, Giỗ Tổ on Monday 7 April 2025.
        assert_eq!(add_working_days(date(2025, 4, 3), 3), Some(date(2025, 4, 9)));
        // 30 April and 1 May 2024, a Tuesday and a Wednesday.
        assert_eq!(add_working_days(date(2024, 4, 29), 2), Some(date(2024, 5, 3)));
        // 1 January 2022 was a Saturday: Monday 3 January made up for it.
        assert_eq!(is_working_day(date(2022, 1, 3)), Some(false));
        assert_eq!(is_working_day(date(2022, 1, 4)), Some(true));
        // 29 April 2023, Giỗ Tổ, a Saturday, and 30 April, a Sunday: made up for after 1 May, on two days.
        assert_eq!(is_working_day(date(2023, 5, 2)), Some(false));
        assert_eq!(is_working_day(date(2023, 5, 3)), Some(false));
        assert_eq!(is_working_day(date(2023, 5, 4)), Some(true));
        // Which days of Tết 2025 were free was decided in December 2024.
        assert_eq!(add_working_days(date(2025, 1, 24), 5), None);
        assert_eq!(add_working_days(date(2025, 8, 29), 3), None);
    }
}
